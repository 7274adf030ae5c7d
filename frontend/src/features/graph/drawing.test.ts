import { expect, test } from "vitest";
import { drawingOf, MOST_DRAWN } from "@/features/graph/drawing";
import type { Places } from "@/features/graph/layout";
import type { Node, Picture, Tie } from "@/features/graph/queries";

function node(id: string): Node {
  const rest = { content: id, role: "user", kind: null, salience: 0.5, source: {}, aliases: [] };
  return { id, labels: ["Trace"], properties: { name: id, created_at: "2026-01-01", ...rest } };
}

function tie(source: string, target: string, weight: number): Tie {
  const when = { ts: "2026-01-01T00:00:00Z", valid_from: null, valid_to: null };
  return { source, target, type: "next", properties: { weight, ...when } };
}

function ring(many: number): { picture: Picture; places: Places } {
  const ids = [...Array(many).keys()].map(String);
  const relationships = ids.map((id, at) => tie(id, String((at + 1) % many), at / many));
  const places = Object.fromEntries(ids.map((id, at) => [id, { x: at, y: -at }]));
  return { picture: { nodes: ids.map(node), relationships, degraded: [] }, places };
}

test("of very many ties the strongest are drawn, and none is lost", async () => {
  const { picture, places } = ring(MOST_DRAWN + 10);
  const drawing = await drawingOf(picture, places, new AbortController().signal);
  expect(drawing?.size).toBe(MOST_DRAWN + 10);
  const hidden = drawing?.filterEdges((_, { hidden }) => hidden === true);
  expect(hidden?.map((edge) => drawing?.source(edge)).sort()).toEqual([..."0123456789"]);
});

test("nodes get smaller where there are many, so that they do not cover one another", async () => {
  const size = async (many: number) => {
    const { picture, places } = ring(many);
    const drawing = await drawingOf(picture, places, new AbortController().signal);
    return drawing?.getNodeAttribute("0", "size") as number;
  };
  expect(await size(3)).toBe(await size(300));
  expect(await size(3_000)).toBeLessThan((await size(300)) / 2);
});

test("a drawing that is not wanted any more is none", async () => {
  const { picture, places } = ring(3);
  expect(await drawingOf(picture, places, AbortSignal.abort())).toBeUndefined();
});
