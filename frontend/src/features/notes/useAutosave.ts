import { onlineManager, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { draftOf, dropDraft, keepDraft } from "@/features/notes/drafts";
import {
  invalidateOthers,
  type Note,
  noteQuery,
  notesQuery,
  saveNote,
  type Text,
} from "@/features/notes/queries";
import { Saver, type SaveState } from "@/features/notes/saver";
import { follow } from "@/features/notes/unsaved";

const SIDE_MS = 1_500;

/** What can be written of a note, and nothing else that it has. */
function textOf({ title, content }: Text): Text {
  return { title, content };
}

function later(run: () => void, ms: number): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** A note's text as it is written, saved by itself; what could not be saved yet is kept here. */
export function useAutosave(note: Note) {
  const client = useQueryClient();
  const [text, setText] = useState<Text>(() => textOf(draftOf(note.id) ?? note));
  const [state, setState] = useState<SaveState>("saved");
  const [error, setError] = useState<unknown>();
  const saver = useRef<Saver<Note>>(undefined);
  const version = useRef(draftOf(note.id)?.version ?? note.version);

  // biome-ignore lint/correctness/useExhaustiveDependencies: one saver for as long as a note is open
  useEffect(() => {
    const fresh = new Saver<Note>(version.current, {
      later,
      save: (wanted, from) => saveNote(note.id, wanted, from),
      onState: (next, problem) => {
        follow(fresh, next);
        setState(next);
        setError(problem);
      },
      onSaved: (saved, said) => {
        version.current = saved.version;
        const draft = draftOf(note.id);
        if (draft?.title === said.title && draft.content === said.content) dropDraft(note.id);
        const { queryKey } = noteQuery(note.id);
        const isRenamed = client.getQueryData(queryKey)?.title !== saved.title;
        client.setQueryData(queryKey, saved);
        void client.invalidateQueries({ queryKey: notesQuery.queryKey });
        if (isRenamed) void invalidateOthers(client, note.id);
        setTimeout(() => {
          void client.invalidateQueries({
            queryKey: ["notes"],
            predicate: ({ queryKey }) => queryKey[2] === note.id && queryKey[1] !== "one",
          });
        }, SIDE_MS); // suggestions follow when the note is embedded
      },
    });
    saver.current = fresh;
    const draft = draftOf(note.id);
    if (draft) fresh.change(textOf(draft));
    const unsubscribe = onlineManager.subscribe((isOnline) => {
      if (isOnline) void fresh.flush();
    });
    const onHide = () => void fresh.flush();
    window.addEventListener("pagehide", onHide);
    return () => {
      unsubscribe();
      window.removeEventListener("pagehide", onHide);
      void fresh.flush();
      fresh.stop();
    };
  }, [note.id]);

  // A newer version from elsewhere is taken as long as nothing of this one is unsaved.
  useEffect(() => {
    if (note.version <= version.current || draftOf(note.id)) return;
    version.current = note.version;
    saver.current?.rebase(note.version);
    setText(textOf(note));
  }, [note]);

  const change = useCallback(
    (changed: Text) => {
      setText(changed);
      keepDraft(note.id, { ...changed, version: version.current });
      saver.current?.change(changed);
    },
    [note.id],
  );

  /** After a conflict: what is written here, or what was saved elsewhere. */
  const keepMine = async () => {
    const theirs = await client.fetchQuery({ ...noteQuery(note.id), staleTime: 0 });
    saver.current?.rebase(theirs.version);
    await saver.current?.flush();
  };
  const takeTheirs = async () => {
    const theirs = await client.fetchQuery({ ...noteQuery(note.id), staleTime: 0 });
    saver.current?.rebase(theirs.version);
    saver.current?.change(textOf(theirs));
    setText(textOf(theirs));
    dropDraft(note.id);
  };
  return { text, change, state, error, keepMine, takeTheirs };
}
