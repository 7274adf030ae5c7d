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
      const { from } = placeOf(context, data, settings);
      halo(context, { ...data, x: from }, settings, colour("--panel"));
      drawDiscNodeLabel(context, { ...data, x: from }, settings);
    },
    defaultDrawNodeHover: (context, data, settings) => {
      const { from } = plate(context, data, settings, colour("--raised"));
      drawDiscNodeLabel(context, { ...data, x: from }, settings);
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

interface Place {
  /** The place of a node to the right of which sigma would write the label. */
  from: number;
  /** Where the label begins and ends. */
  begin: number;
  end: number;
}

/** Where a label stands: to the right of its node, unless it would be cut off there and has more room to the left. */
function placeOf(
  context: CanvasRenderingContext2D,
  { x, size, label }: Label,
  settings: Settings,
): Place {
  context.font = fontOf(settings);
  const width = label ? context.measureText(label).width : 0;
  const gap = size + 3;
  const room = context.canvas.clientWidth;
  const isLeft = x + gap + width > room && (x - gap - width >= 0 || x > room / 2);
  const begin = isLeft ? x - gap - width : x + gap;
  return { from: begin - gap, begin, end: begin + width };
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

/** What the node under the pointer and its label stand on; where the label stands. */
function plate(
  context: CanvasRenderingContext2D,
  data: Label,
  settings: Settings,
  colour: string,
): Place {
  const { x, y, size } = data;
  const place = placeOf(context, data, settings);
  const height = Math.max(settings.labelSize + 8, 2 * size + 6);
  const left = Math.min(x - size - 3, place.begin - 5);
  const right = Math.max(x + size + 3, place.end + 5);
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(left, y - height / 2, right - left, height, height / 2);
  context.fill();
  return place;
}

function fontOf({ labelWeight, labelSize, labelFont }: Settings): string {
  return `${labelWeight} ${labelSize}px ${labelFont}`;
}
