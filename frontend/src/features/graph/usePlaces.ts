import { useEffect, useRef, useState } from "react";
import type { LayoutAsked, Places } from "@/features/graph/layout";
import type { Picture } from "@/features/graph/queries";

/** Where the nodes of a picture are put; undefined while they are arranged for the first time. */
export function usePlaces(picture: Picture): { places: Places | undefined; isArranging: boolean } {
  const [places, setPlaces] = useState<Places>();
  const [isArranging, setArranging] = useState(true);
  const latest = useRef<Places>({});
  useEffect(() => {
    setArranging(true);
    const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
    const asked: LayoutAsked = {
      ids: picture.nodes.map((node) => node.id),
      ties: picture.relationships.map((tie) => [tie.source, tie.target, tie.properties.weight]),
      known: latest.current,
    };
    worker.onmessage = ({ data }: MessageEvent<Places>) => {
      latest.current = data;
      setPlaces(data);
      setArranging(false);
      worker.terminate();
    };
    worker.postMessage(asked);
    return () => worker.terminate();
  }, [picture]);
  return { places, isArranging };
}
