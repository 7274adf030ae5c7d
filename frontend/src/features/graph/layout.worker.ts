import { UndirectedGraph } from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";
import type { LayoutAsked, Places } from "@/features/graph/layout";

const ROUNDS = 220;
const ROUNDS_OF_MANY = 90;
const MANY = 1_500;

/** Arranges a graph away from the page, which goes on answering meanwhile. */
self.onmessage = ({ data }: MessageEvent<LayoutAsked>) => {
  self.postMessage(arranged(data));
};

function arranged({ ids, ties, known }: LayoutAsked): Places {
  const graph = new UndirectedGraph();
  ids.forEach((id, place) => {
    const angle = place * 2.399963; // the golden angle spreads them evenly, and the same every time
    const radius = Math.sqrt(place + 1);
    graph.addNode(id, known[id] ?? { x: radius * Math.cos(angle), y: radius * Math.sin(angle) });
  });
  for (const [source, target, weight] of ties) {
    if (source !== target) graph.mergeEdge(source, target, { weight: Math.max(weight, 0.05) });
  }
  forceAtlas2.assign(graph, {
    iterations: ids.length > MANY ? ROUNDS_OF_MANY : ROUNDS,
    settings: {
      ...forceAtlas2.inferSettings(graph),
      barnesHutOptimize: ids.length > 300,
      adjustSizes: false,
      gravity: 1.5,
      scalingRatio: 12,
    },
  });
  const places: Places = {};
  graph.forEachNode((id, { x, y }) => {
    places[id] = { x, y };
  });
  return places;
}
