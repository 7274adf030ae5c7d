import type { MultiDirectedGraph } from "graphology";
import type { Attributes } from "graphology-types";
import { drawDiscNodeLabel } from "sigma/rendering";
import type { Settings } from "sigma/settings";
import type { NodeDisplayData } from "sigma/types";

/** How a drawing is shown: which kinds of ties, around which node, on which theme. */
export interface Shown {
  hidden: ReadonlySet<string>;
  focus: string | undefined;
}

type Label = Pick<NodeDisplayData, "x" | "y" | "size" | "label">;

/** The settings of the picture that follow what is shown and the colours of the page. */
export function lookOf(graph: MultiDirectedGraph, { hidden, focus }: Shown): Partial<Settings> {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const dim = colour("--line");
  const centre = focus !== undefined && graph.hasNode(focus) ? focus : undefined;
  const near = new Set(centre === undefined ? [] : [centre, ...graph.neighbors(centre)]);
  const own = new Set(centre === undefined ? [] : graph.edges(centre));
  const isHidden = (edge: string, { hidden: isWeak, type_of }: Attributes) =>
    hidden.has(type_of) || (centre === undefined ? isWeak : !own.has(edge));
  return {
    labelColor: { color: colour("--ink") },
    defaultEdgeColor: dim,
    defaultDrawNodeLabel: (context, data, settings) => {
      const placed = { ...data, x: labelFrom(context, data, settings) };
      halo(context, placed, settings, colour("--panel"));
      drawDiscNodeLabel(context, placed, settings);
    },
    defaultDrawNodeHover: (context, data, settings) => {
      plate(context, data, settings, colour("--raised"));
      drawDiscNodeLabel(context, data, settings);
    },
    // Without a focus there is nothing to reduce, which spares a call for every node and edge.
    nodeReducer:
      centre === undefined
        ? null
        : (node, data) =>
            near.has(node)
              ? Object.assign(data, { highlighted: node === centre, zIndex: 1 })
              : Object.assign(data, { color: dim, label: null, zIndex: 0 }),
    edgeReducer:
      centre === undefined && hidden.size === 0
        ? null
        : (edge, data) => Object.assign(data, { hidden: isHidden(edge, data) }),
  };
}

/** From where sigma, which writes to the right of a node, has to write so that a label is not cut off. */
function labelFrom(
  context: CanvasRenderingContext2D,
  { x, size, label }: Label,
  settings: Settings,
): number {
  if (!label) return x;
  context.font = fontOf(settings);
  const width = context.measureText(label).width;
  const isCut = x + size + 3 + width > context.canvas.clientWidth;
  return isCut ? x - 2 * (size + 3) - width : x;
}

/** Sets a label off from what lies under it. */
function halo(
  context: CanvasRenderingContext2D,
  { x, y, size, label }: Label,
  settings: Settings,
  colour: string,
): void {
  if (!label) return;
  context.font = fontOf(settings);
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = colour;
  context.strokeText(label, x + size + 3, y + settings.labelSize / 3); // where sigma writes it
}

/** What the node under the pointer and its label stand on. */
function plate(
  context: CanvasRenderingContext2D,
  { x, y, size, label }: Label,
  settings: Settings,
  colour: string,
): void {
  context.font = fontOf(settings);
  const width = label ? context.measureText(label).width + size + 10 : size + 3;
  const height = Math.max(settings.labelSize + 8, 2 * size + 6);
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(x - size - 3, y - height / 2, size + 3 + width, height, height / 2);
  context.fill();
}

function fontOf({ labelWeight, labelSize, labelFont }: Settings): string {
  return `${labelWeight} ${labelSize}px ${labelFont}`;
}
