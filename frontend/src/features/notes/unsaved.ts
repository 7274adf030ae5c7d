import { draftCount, dropAllDrafts } from "@/features/notes/drafts";
import type { Note } from "@/features/notes/queries";
import type { Saver, SaveState } from "@/features/notes/saver";

const savers = new Set<Saver<Note>>();

/** Remembers who still has something to save, also when its page was left. */
export function follow(saver: Saver<Note>, state: SaveState): void {
  if (state === "saved") savers.delete(saver);
  else savers.add(saver);
}

/** Saves at once what can be saved; how many notes are not saved then. */
export async function saveAllNotes(): Promise<number> {
  await Promise.all([...savers].map((saver) => saver.flush()));
  return draftCount();
}

export function giveUpUnsaved(): void {
  for (const saver of savers) saver.giveUp();
  savers.clear();
  dropAllDrafts();
}
