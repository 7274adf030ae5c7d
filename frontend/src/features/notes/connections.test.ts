import { expect, test } from "vitest";
import { type Connection, tiesOf } from "@/features/notes/connections";

function connection(id: string, from: string, to: string, rest: Partial<Connection> = {}) {
  const other = from === "here" ? to : from;
  return {
    id,
    source_note_id: from,
    target_note_id: to,
    note_id: other,
    title: other,
    connection_type: "reference",
    strength: 50,
    origin: "link",
    auto_generated: true,
    created_at: "2026-01-01T00:00:00Z",
    ...rest,
  } satisfies Connection;
}

test("references both ways are one tie, and its direction is told", () => {
  const found = tiesOf(
    [
      connection("1", "here", "Roof", { strength: 40 }),
      connection("2", "here", "Glass"),
      connection("3", "Roof", "here", { strength: 60, auto_generated: false }),
      connection("4", "Lisbon", "here"),
    ],
    "here",
  );
  expect(found.map(({ title, direction }) => [title, direction])).toEqual([
    ["Roof", "both"],
    ["Glass", "to"],
    ["Lisbon", "from"],
  ]);
  expect(found[0]).toMatchObject({ strength: 60, made: ["3"] });
});

test("another kind of tie to the same note is a tie of its own, without a direction", () => {
  const near = { connection_type: "semantic", auto_generated: false } as const;
  const found = tiesOf(
    [connection("1", "here", "Roof"), connection("2", "Roof", "here", near)],
    "here",
  );
  expect(found.map(({ type, direction }) => [type, direction])).toEqual([
    ["reference", "to"],
    ["semantic", "none"],
  ]);
  expect(found.map(({ made }) => made)).toEqual([[], ["2"]]);
});
