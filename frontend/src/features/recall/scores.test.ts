import { expect, test } from "vitest";
import { largestOf, partsOf, strongest } from "@/features/recall/scores";

test("every component is there: as a bar, or named among the silent", () => {
  const scores = { semantic: 0.045, lexical: 0, neighbours: 0.162, edge: 0.0001 };
  const { shown, silent } = partsOf(scores, 0.162);
  expect(shown.map((one) => one.name)).toEqual(["neighbours", "semantic"]);
  expect(silent.toSorted()).toEqual(["edge", "lexical"]);
});

test("bars of different results can be compared", () => {
  const results = [{ scores: { a: 0.1, b: 0.2 } }, { scores: { a: 0.4 } }];
  expect(largestOf(results)).toBe(0.4);
  expect(partsOf({ a: 0.1 }, largestOf(results)).shown[0]?.part).toBeCloseTo(0.25);
  expect(largestOf([])).toBeGreaterThan(0);
});

test("the heaviest edges are drawn, and the answer stays as it was", () => {
  const edges = [0.1, 0.9, 0.5, 0.3, 0.2, 0.7].map((weight) => ({ weight }));
  expect(strongest(edges).map((edge) => edge.weight)).toEqual([0.9, 0.7, 0.5, 0.3, 0.2]);
  expect(edges[0]?.weight).toBe(0.1);
});
