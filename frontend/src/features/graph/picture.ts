import type { Node, Picture, Tie } from "@/features/graph/queries";

/** Colours of edges and nodes that can be told apart on both themes; a kind has always the same. */
const COLOURS = [
  "#14b8a6",
  "#3b82f6",
  "#f59e0b",
  "#ec4899",
  "#8b5cf6",
  "#84cc16",
  "#ef4444",
  "#06b6d4",
  "#f97316",
  "#a855f7",
];
const KNOWN: Record<string, number> = {
  mentions: 0,
  summary_of: 1,
  next: 2,
  person: 3,
  place: 5,
  organisation: 8,
  thing: 7,
  summary: 1,
  note: 4,
  trace: 0,
};

export function colourOf(kind: string): string {
  const known = KNOWN[kind.toLowerCase()];
  let hash = 0;
  for (const char of kind) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return COLOURS[known ?? hash % COLOURS.length] ?? "#14b8a6";
}

/** The most exact thing that a node is called: `Person` rather than `Entity`. */
export function kindOf(node: Node): string {
  return node.labels.at(-1) ?? "Trace";
}

export function tieKey(tie: Tie): string {
  return `${tie.source} ${tie.type} ${tie.target}`;
}

/** Two pictures as one; a node or tie that is in both is there once, as the later one tells it. */
export function together(one: Picture, other: Picture): Picture {
  const nodes = new Map([...one.nodes, ...other.nodes].map((node) => [node.id, node]));
  const ties = new Map(
    [...one.relationships, ...other.relationships].map((tie) => [tieKey(tie), tie]),
  );
  return { ...one, nodes: [...nodes.values()], relationships: [...ties.values()] };
}

/** Ties of each node, by its id; those of hidden types are left out. */
export function tiesByNode(ties: readonly Tie[], hidden: ReadonlySet<string>): Map<string, Tie[]> {
  const found = new Map<string, Tie[]>();
  for (const tie of ties) {
    if (hidden.has(tie.type)) continue;
    for (const end of new Set([tie.source, tie.target])) {
      const known = found.get(end);
      if (known) known.push(tie);
      else found.set(end, [tie]);
    }
  }
  return found;
}

/** The nodes whose name or other name holds some words; best tied first. */
export function matching(
  nodes: readonly Node[],
  words: string,
  ties: ReadonlyMap<string, Tie[]>,
): Node[] {
  const wanted = words.trim().toLowerCase();
  const found = nodes.filter(({ properties }) =>
    [properties.name, ...properties.aliases].some((name) => name.toLowerCase().includes(wanted)),
  );
  return found.sort((a, b) => (ties.get(b.id)?.length ?? 0) - (ties.get(a.id)?.length ?? 0));
}

/** Kinds of edges with how many there are of each, the most frequent first. */
export function typesOf(ties: readonly Tie[]): [type: string, many: number][] {
  const counts = new Map<string, number>();
  for (const { type } of ties) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
