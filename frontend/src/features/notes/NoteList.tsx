import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useMemo, useState } from "react";
import { filtered } from "@/features/notes/links";
import { type Note, notesQuery, useNewNote } from "@/features/notes/queries";
import { momentIn } from "@/shared/lib/dates";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";
import { INPUT } from "@/shared/ui/Field";
import { Icon } from "@/shared/ui/Icon";
import { Empty, ErrorLine, Loaded } from "@/shared/ui/states";
import { VirtualList } from "@/shared/ui/VirtualList";

/** Every note, the one written last first, filtered while one types. */
export function NoteList() {
  const notes = useQuery(notesQuery);
  const navigate = useNavigate();
  const making = useNewNote();
  const [words, setWords] = useState("");
  const make = () =>
    making.mutate(s.notes.untitled, {
      onSuccess: (note) => navigate({ to: "/notes/$noteId", params: { noteId: note.id } }),
    });
  return (
    <div className="flex h-full flex-col gap-2">
      <div className="flex gap-2">
        <input
          type="search"
          data-shortcut="/"
          aria-label={s.notes.filter}
          placeholder={s.notes.filter}
          className={INPUT}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
        <Button look="primary" isBusy={making.isPending} onClick={make} aria-label={s.notes.make}>
          <Icon name="plus" />
        </Button>
      </div>
      <ErrorLine error={making.error} />
      <Loaded
        query={notes}
        isEmpty={(found) => found.length === 0}
        empty={<Empty title={s.notes.nothing}>{s.notes.nothingHint}</Empty>}
      >
        {(found) => <Found notes={found} words={words} />}
      </Loaded>
    </div>
  );
}

function Found({ notes, words }: { notes: readonly Note[]; words: string }) {
  const zone = useZone();
  const wanted = useDeferredValue(words);
  const shown = useMemo(() => filtered(notes, wanted), [notes, wanted]);
  if (shown.length === 0) return <Empty title={s.notes.noMatch} />;
  return (
    <VirtualList
      items={shown}
      keyOf={(note) => note.id}
      estimate={68}
      label={s.notes.list}
      className="min-h-0 flex-1"
    >
      {(note) => (
        <Link
          to="/notes/$noteId"
          params={{ noteId: note.id }}
          className="block rounded-lg px-3 py-2 hover:bg-raised"
          activeProps={{ className: "bg-raised" }}
        >
          <span className="line-clamp-1 text-sm font-medium">{note.title}</span>
          <span className="line-clamp-1 text-xs text-muted">
            {momentIn(zone, note.updated_at)} · {note.content.slice(0, 80) || s.notes.blank}
          </span>
        </Link>
      )}
    </VirtualList>
  );
}
