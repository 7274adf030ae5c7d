import { MultiDirectedGraph } from "graphology";
import type { Places } from "@/features/graph/layout";
import { colourOf, kindOf, tieKey } from "@/features/graph/picture";
import type { Node, Picture, Tie } from "@/features/graph/queries";
import { inSlices } from "@/shared/lib/slices";

const SMALLEST = 3;
const LARGEST = 16;
const NAMES_SIZE = 2; // people and things are what one looks for
const ROOMY = 500; // with more nodes than this each gets smaller
const LONGEST_LABEL = 26;

/** Of more ties the strongest are drawn, and a node's others with it when it is looked at. */
export const MOST_DRAWN = 4_000;

/** The picture as the canvas takes it, made in slices; undefined when it was stopped. */
export async function drawingOf(
  picture: Picture,
  places: Places,
  signal: AbortSignal,
): Promise<MultiDirectedGraph | undefined> {
  const graph = new MultiDirectedGraph();
  const scale = Math.min(1, Math.sqrt(ROOMY / picture.nodes.length));
  const ties = picture.relationships.toSorted((a, b) => b.properties.weight - a.properties.weight);
  const steps = [
    () => inSlices(picture.nodes, (node) => addNode(graph, node, places), signal),
    () => inSlices(ties, (tie) => addTie(graph, tie), signal),
    () => inSlices(graph.nodes(), (node) => resize(graph, node, scale), signal),
  ];
  for (const step of steps) if (!(await step())) return undefined;
  return graph;
}

function addNode(graph: MultiDirectedGraph, node: Node, places: Places): void {
  const place = places[node.id];
  if (!place) return;
  graph.addNode(node.id, {
    ...place,
    label: shortened(node.properties.name),
    color: colourOf(kindOf(node)),
    size: SMALLEST,
    weight: node.properties.role === "entity" ? NAMES_SIZE : 1,
  });
}

function addTie(graph: MultiDirectedGraph, tie: Tie): void {
  if (!graph.hasNode(tie.source) || !graph.hasNode(tie.target)) return;
  graph.addEdgeWithKey(tieKey(tie), tie.source, tie.target, {
    color: colourOf(tie.type),
    size: 0.6 + tie.properties.weight,
    type_of: tie.type,
    hidden: graph.size >= MOST_DRAWN,
  });
}

/** What has many ties is larger. */
function resize(graph: MultiDirectedGraph, node: string, scale: number): void {
  const weight: number = graph.getNodeAttribute(node, "weight");
  const size = SMALLEST + weight * 1.4 * Math.sqrt(graph.degree(node));
  graph.setNodeAttribute(node, "size", scale * Math.min(LARGEST, size));
}

function shortened(name: string): string {
  return name.length > LONGEST_LABEL ? `${name.slice(0, LONGEST_LABEL - 1)}…` : name;
}
