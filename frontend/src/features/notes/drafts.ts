import type { Text } from "@/features/notes/queries";

/** What was written and is not saved yet, kept in this browser so that nothing is lost offline. */
export interface Draft extends Text {
  /** The version of the note that was edited. */
  version: number;
}

const PREFIX = "sara.draft.";

export function draftOf(id: string): Draft | undefined {
  const stored = localStorage.getItem(PREFIX + id);
  if (stored === null) return undefined;
  try {
    const draft: unknown = JSON.parse(stored);
    return isDraft(draft) ? draft : undefined;
  } catch {
    return undefined;
  }
}

export function keepDraft(id: string, draft: Draft): void {
  localStorage.setItem(PREFIX + id, JSON.stringify(draft));
}

export function dropDraft(id: string): void {
  localStorage.removeItem(PREFIX + id);
}

/** How many notes are not saved yet. */
export function draftCount(): number {
  return keys().length;
}

/** Nobody else who signs in on this browser finds them. */
export function dropAllDrafts(): void {
  for (const key of keys()) localStorage.removeItem(key);
}

function keys(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== "object" || value === null) return false;
  const { title, content, version } = value as Record<string, unknown>;
  return typeof title === "string" && typeof content === "string" && typeof version === "number";
}
