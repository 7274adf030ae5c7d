import type { Schemas } from "@/shared/api/client";

export type Connection = Schemas["ConnectionOut"];

/** Which way a reference leads, seen from one of its notes; the other kinds lead nowhere. */
export type Direction = "to" | "from" | "both" | "none";

/** What ties a note to another in one way, whichever of the two refers to the other. */
export interface NoteTie {
  noteId: string;
  title: string;
  type: Connection["connection_type"];
  direction: Direction;
  strength: number;
  /** The connections in it that people made, which they can take away again. */
  made: string[];
}

/** The connections of a note as its ties, in their order; references both ways are one. */
export function tiesOf(connections: readonly Connection[], noteId: string): NoteTie[] {
  const ties = new Map<string, NoteTie>();
  for (const one of connections) {
    const key = `${one.note_id} ${one.connection_type}`;
    const known = ties.get(key);
    const direction = directionOf(one, noteId);
    ties.set(key, {
      noteId: one.note_id,
      title: one.title,
      type: one.connection_type,
      direction: known && known.direction !== direction ? "both" : direction,
      strength: Math.max(one.strength, known?.strength ?? 0),
      made: [...(known?.made ?? []), ...(one.auto_generated ? [] : [one.id])],
    });
  }
  return [...ties.values()];
}

function directionOf(one: Connection, noteId: string): Direction {
  if (one.connection_type !== "reference") return "none";
  return one.source_note_id === noteId ? "to" : "from";
}
