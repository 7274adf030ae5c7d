import { expect, test } from "vitest";
import { pieces } from "@/features/search/highlight";

const marked = (text: string, found: { start: number; end: number }[]) =>
  pieces(text, found)
    .map((piece) => (piece.isFound ? `[${piece.text}]` : piece.text))
    .join("");

test("what was found is marked, and nothing is lost", () => {
  expect(
    marked("Ana likes tea", [
      { start: 10, end: 13 },
      { start: 0, end: 3 },
    ]),
  ).toBe("[Ana] likes [tea]");
  expect(marked("Ana", [])).toBe("Ana");
});

test("places count characters as people see them, not halves of them", () => {
  expect(marked("🌉🌉 bridge", [{ start: 3, end: 9 }])).toBe("🌉🌉 [bridge]");
});

test("places that overlap or lie outside break nothing", () => {
  expect(
    marked("bridge", [
      { start: 0, end: 4 },
      { start: 2, end: 6 },
      { start: 9, end: 12 },
    ]),
  ).toBe("[brid]ge");
});
