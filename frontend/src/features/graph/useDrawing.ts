import type { MultiDirectedGraph } from "graphology";
import { useEffect, useRef, useState } from "react";
import { drawingOf } from "@/features/graph/drawing";
import type { LayoutAsked, Places } from "@/features/graph/layout";
import type { Picture } from "@/features/graph/queries";

interface Drawing {
  /** Undefined while the nodes are arranged for the first time. */
  drawing: MultiDirectedGraph | undefined;
  isArranging: boolean;
}

/** A picture with a place for every node: arranged by a worker, put together in slices. */
export function useDrawing(picture: Picture): Drawing {
  const [drawing, setDrawing] = useState<MultiDirectedGraph>();
  const [isArranging, setArranging] = useState(true);
  const latest = useRef<Places>({});
  useEffect(() => {
    setArranging(true);
    const stop = new AbortController();
    const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
    const asked: LayoutAsked = {
      ids: picture.nodes.map((node) => node.id),
      ties: picture.relationships.map((tie) => [tie.source, tie.target, tie.properties.weight]),
      known: latest.current,
    };
    worker.onmessage = async ({ data }: MessageEvent<Places>) => {
      worker.terminate();
      latest.current = data;
      const made = await drawingOf(picture, data, stop.signal);
      if (!made) return;
      setDrawing(made);
      setArranging(false);
    };
    worker.postMessage(asked);
    return () => {
      stop.abort();
      worker.terminate();
    };
  }, [picture]);
  return { drawing, isArranging };
}
