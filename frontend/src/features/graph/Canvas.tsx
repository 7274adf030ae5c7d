import { MultiDirectedGraph } from "graphology";
import type { Attributes } from "graphology-types";
import { useEffect, useMemo, useRef, useState } from "react";
import Sigma from "sigma";
import { EdgeLineProgram, NodePointProgram } from "sigma/rendering";
import { lookOf, type Shown } from "@/features/graph/look";
import { s } from "@/shared/strings";
import { useTheme } from "@/shared/ui/theme";

interface Props extends Shown {
  drawing: MultiDirectedGraph;
  onFocus: (id: string | undefined) => void;
}

const MOVE_MS = 400;
const MANY_TIES = 1_500; // more are drawn as plain lines, and left out while the picture is moved
const NEAR = 0.35;

/** Points and lines, which are drawn in one go; sigma's own shapes are drawn one by one where WebGL is software. */
const PLAIN = {
  nodeProgramClasses: { point: NodePointProgram },
  defaultNodeType: "point",
  edgeProgramClasses: { line: EdgeLineProgram },
  defaultEdgeType: "line",
  hideEdgesOnMove: true,
};

/** The picture of the graph, drawn by WebGL. All that it shows is in the list beside it, too. */
export function Canvas({ drawing, hidden, focus, onFocus }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const sigma = useRef<Sigma>(undefined);
  const [isDrawn, setDrawn] = useState(true);
  const theme = useTheme();
  const look = useMemo(
    () => (theme ? lookOf(drawing, { hidden, focus }) : {}),
    [drawing, hidden, focus, theme],
  );
  const pick = useRef(onFocus);
  pick.current = onFocus;
  const isLarge = drawing.size > MANY_TIES;

  useEffect(() => {
    if (!box.current) return;
    let drawn: Sigma;
    try {
      drawn = new Sigma(new MultiDirectedGraph(), box.current, {
        labelFont: "Inter Variable, sans-serif",
        labelSize: 12,
        labelDensity: 0.25,
        labelGridCellSize: 140,
        labelRenderedSizeThreshold: 4,
        zIndex: true,
        hideLabelsOnMove: true,
        allowInvalidContainer: true,
        ...(isLarge ? PLAIN : {}),
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
  }, [isLarge]);

  // The next two run in tasks of their own: making the canvas and filling it would be a long one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a canvas of another size is a new one
  useEffect(() => {
    const timer = setTimeout(() => {
      sigma.current?.setSettings(look);
      if (sigma.current?.getGraph() !== drawing) sigma.current?.setGraph(drawing);
    });
    return () => clearTimeout(timer);
  }, [drawing, look, isLarge]);

  const wasFocused = useRef(false);
  useEffect(() => {
    const centre = focus !== undefined && drawing.hasNode(focus) ? focus : undefined;
    if (centre === undefined && !wasFocused.current) return;
    wasFocused.current = centre !== undefined;
    const timer = setTimeout(() => {
      if (!sigma.current) return;
      if (centre === undefined) void sigma.current.getCamera().animatedReset({ duration: MOVE_MS });
      else moveTo(sigma.current, drawing.getNodeAttributes(centre));
    });
    return () => clearTimeout(timer);
  }, [drawing, focus]);

  if (!isDrawn) return <p className="p-4 text-sm text-muted">{s.graph.noPicture}</p>;
  return <div ref={box} role="img" aria-label={s.graph.picture} className="size-full" />;
}

/** Moves the camera to a place of the drawing; where sigma shows a node it knows only from the next frame on. */
function moveTo(drawn: Sigma, { x, y }: Attributes): void {
  const there = drawn.viewportToFramedGraph(drawn.graphToViewport({ x, y }));
  void drawn.getCamera().animate({ ...there, ratio: NEAR }, { duration: MOVE_MS });
}
