import { MultiDirectedGraph } from "graphology";
import { useEffect, useMemo, useRef, useState } from "react";
import Sigma from "sigma";
import type { Places } from "@/features/graph/layout";
import { colourOf, kindOf, tieKey } from "@/features/graph/picture";
import type { Picture } from "@/features/graph/queries";
import { s } from "@/shared/strings";
import { useTheme } from "@/shared/ui/theme";

interface Props {
  picture: Picture;
  places: Places;
  hidden: ReadonlySet<string>;
  focus: string | undefined;
  onFocus: (id: string | undefined) => void;
}

const SMALLEST = 3;
const LARGEST = 16;
const NAMES_SIZE = 2; // people and things are what one looks for
const MOVE_MS = 400;
const MANY_TIES = 1_500; // more are left out while the picture is moved
const NEAR = 0.35;

/** The picture of the graph, drawn by WebGL. All that it shows is in the list beside it, too. */
export function Canvas({ picture, places, hidden, focus, onFocus }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const sigma = useRef<Sigma>(undefined);
  const [isDrawn, setDrawn] = useState(true);
  const theme = useTheme();
  const graph = useMemo(() => graphOf(picture, places), [picture, places]);
  const pick = useRef(onFocus);
  pick.current = onFocus;

  useEffect(() => {
    if (!box.current || theme === undefined) return;
    const style = getComputedStyle(document.documentElement);
    const dim = style.getPropertyValue("--line").trim();
    let drawn: Sigma;
    try {
      drawn = new Sigma(graph, box.current, {
        labelColor: { color: style.getPropertyValue("--ink").trim() },
        labelFont: "Inter Variable, sans-serif",
        labelSize: 12,
        labelDensity: 0.25,
        labelGridCellSize: 140,
        labelRenderedSizeThreshold: 4,
        defaultEdgeColor: dim,
        zIndex: true,
        hideEdgesOnMove: picture.relationships.length > MANY_TIES,
        hideLabelsOnMove: true,
        allowInvalidContainer: true,
      });
    } catch {
      setDrawn(false); // no WebGL here: the list holds everything
      return;
    }
    drawn.on("clickNode", ({ node }) => pick.current(node));
    drawn.on("clickStage", () => pick.current(undefined));
    sigma.current = drawn;
    return () => {
      sigma.current = undefined;
      drawn.kill();
    };
  }, [graph, theme, picture.relationships.length]);

  useEffect(() => {
    const drawn = sigma.current;
    if (!drawn || theme === undefined) return;
    const dim = getComputedStyle(document.documentElement).getPropertyValue("--line").trim();
    const near = new Set(focus && graph.hasNode(focus) ? graph.neighbors(focus) : []);
    const isNear = (node: string) => !focus || node === focus || near.has(node);
    drawn.setSetting("nodeReducer", (node, data) =>
      isNear(node)
        ? { ...data, highlighted: node === focus, zIndex: 1 }
        : { ...data, color: dim, label: null, zIndex: 0 },
    );
    drawn.setSetting("edgeReducer", (edge, data) => ({
      ...data,
      hidden: hidden.has(data.type_of) || (focus !== undefined && !graph.hasExtremity(edge, focus)),
    }));
    const place = focus ? drawn.getNodeDisplayData(focus) : undefined;
    if (place) {
      void drawn
        .getCamera()
        .animate({ x: place.x, y: place.y, ratio: NEAR }, { duration: MOVE_MS });
    }
  }, [graph, focus, hidden, theme]);

  if (!isDrawn) return <p className="p-4 text-sm text-muted">{s.graph.noPicture}</p>;
  return <div ref={box} role="img" aria-label={s.graph.picture} className="size-full" />;
}

const LONGEST_LABEL = 26;

function shortened(name: string): string {
  return name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name;
}

function graphOf(picture: Picture, places: Places): MultiDirectedGraph {
  const graph = new MultiDirectedGraph();
  for (const node of picture.nodes) {
    const place = places[node.id];
    if (!place) continue;
    graph.addNode(node.id, {
      ...place,
      label: shortened(node.properties.name),
      color: colourOf(kindOf(node)),
      size: SMALLEST,
      isName: node.properties.role === "entity",
    });
  }
  for (const tie of picture.relationships) {
    if (!graph.hasNode(tie.source) || !graph.hasNode(tie.target)) continue;
    graph.mergeEdgeWithKey(tieKey(tie), tie.source, tie.target, {
      color: colourOf(tie.type),
      size: 0.6 + tie.properties.weight,
      type_of: tie.type,
    });
  }
  graph.forEachNode((node) => {
    const weight = graph.getNodeAttribute(node, "isName") ? NAMES_SIZE : 1;
    const size = SMALLEST + weight * 1.4 * Math.sqrt(graph.degree(node));
    graph.setNodeAttribute(node, "size", Math.min(LARGEST, size));
  });
  return graph;
}
