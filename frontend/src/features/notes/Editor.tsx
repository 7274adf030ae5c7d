import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useDeferredValue, useState } from "react";
import { DeleteNote } from "@/features/notes/DeleteNote";
import { type Note, notesQuery } from "@/features/notes/queries";
import { useAutosave } from "@/features/notes/useAutosave";
import { Writing } from "@/features/notes/Writing";
import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";
import { INPUT } from "@/shared/ui/Field";
import { Loading, told } from "@/shared/ui/states";

const Markdown = lazy(async () => ({
  default: (await import("@/features/notes/Markdown")).Markdown,
}));

interface Props {
  note: Note;
  onDeleted: () => void;
}

/** Write a note, or read it. */
export function Editor({ note, onDeleted }: Props) {
  const { text, change, state, error, keepMine, takeTheirs } = useAutosave(note);
  const [isReading, setReading] = useState(false);
  const notes = useQuery(notesQuery).data ?? [];
  const content = useDeferredValue(text.content);
  const titles = notes.filter((one) => one.id !== note.id).map((one) => one.title);
  return (
    <div className="space-y-3">
      <input
        aria-label={s.notes.title}
        className={`${INPUT} text-lg font-semibold sm:text-lg`}
        maxLength={200}
        value={text.title}
        onChange={(event) => change({ ...text, title: event.target.value })}
      />
      <div className="flex flex-wrap items-center gap-2">
        <Button aria-pressed={isReading} onClick={() => setReading(!isReading)}>
          {isReading ? s.notes.write : s.notes.read}
        </Button>
        <DeleteNote note={note} onDeleted={onDeleted} />
        <p
          role="status"
          data-state={state}
          className={`text-sm ${state === "failed" || state === "conflict" ? "text-danger" : "text-muted"}`}
        >
          {s.notes.state(state)}
          {state === "failed" ? ` ${told(error)}` : ""}
        </p>
        {state === "conflict" ? (
          <>
            <Button onClick={() => void keepMine()}>{s.notes.keepMine}</Button>
            <Button onClick={() => void takeTheirs()}>{s.notes.takeTheirs}</Button>
          </>
        ) : null}
      </div>
      {isReading ? (
        <Suspense fallback={<Loading />}>
          <Markdown content={content} notes={notes} />
        </Suspense>
      ) : (
        <Writing
          content={text.content}
          titles={titles}
          onChange={(written) => change({ ...text, content: written })}
        />
      )}
    </div>
  );
}
