import { expect, test } from "vitest";
import { colourOf, matching, tiesByNode, together, typesOf } from "@/features/graph/picture";
import type { Node, Picture, Tie } from "@/features/graph/queries";

function node(id: string, name: string, aliases: string[] = []): Node {
  const rest = { content: name, role: "entity", kind: null, salience: 0.5, source: {} };
  return {
    id,
    labels: ["Entity"],
    properties: { name, aliases, created_at: "2026-01-01T00:00:00Z", ...rest },
  };
}

function tie(source: string, type: string, target: string): Tie {
  const when = { ts: "2026-01-01T00:00:00Z", valid_from: null, valid_to: null };
  return { source, target, type, properties: { weight: 1, ...when } };
}

const picture: Picture = {
  nodes: [node("a", "Ana", ["Anita"]), node("p", "Porto")],
  relationships: [tie("a", "lives_in", "p"), tie("a", "mentions", "p")],
  degraded: [],
};

test("two pictures together have every node and tie once", () => {
  const more = { ...picture, nodes: [...picture.nodes, node("l", "Lisbon")] };
  const both = together(picture, more);
  expect(both.nodes.map((one) => one.id)).toEqual(["a", "p", "l"]);
  expect(both.relationships).toHaveLength(2);
});

test("hidden kinds of ties count nowhere", () => {
  const ties = tiesByNode(picture.relationships, new Set(["mentions"]));
  expect(ties.get("a")?.map((one) => one.type)).toEqual(["lives_in"]);
});

test("a node is found by its other names, and the best tied comes first", () => {
  const ties = tiesByNode([tie("p", "near", "p"), ...picture.relationships], new Set());
  expect(matching(picture.nodes, "ANIT", ties).map((one) => one.id)).toEqual(["a"]);
  expect(matching(picture.nodes, "", ties)[0]?.id).toBe("p");
});

test("a kind of edge has one colour, and the frequent come first", () => {
  expect(colourOf("works_at")).toBe(colourOf("works_at"));
  const ties = [...picture.relationships, tie("p", "mentions", "a")];
  expect(typesOf(ties)).toEqual([
    ["mentions", 2],
    ["lives_in", 1],
  ]);
});
