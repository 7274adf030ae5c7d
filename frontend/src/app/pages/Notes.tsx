import { Outlet, useParams } from "@tanstack/react-router";
import { useTitle } from "@/app/useTitle";
import { NoteList } from "@/features/notes/NoteList";
import { s } from "@/shared/strings";

/** The notes beside the one that is open; on a phone one after the other. */
export function Notes() {
  useTitle(s.nav.notes);
  const { noteId } = useParams({ strict: false });
  return (
    <>
      <h1 className="sr-only">{s.nav.notes}</h1>
      <div className="grid gap-4 md:grid-cols-[16rem_1fr]">
        <aside
          aria-label={s.notes.list}
          className={`h-[calc(100dvh-9rem)] md:sticky md:top-6 md:block md:h-[calc(100dvh-3rem)] ${noteId ? "hidden" : ""}`}
        >
          <NoteList />
        </aside>
        <div className={noteId ? "min-w-0" : "hidden min-w-0 md:block"}>
          <Outlet />
        </div>
      </div>
    </>
  );
}
