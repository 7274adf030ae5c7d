import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useTitle } from "@/app/useTitle";
import { Editor } from "@/features/notes/Editor";
import { type Note, noteQuery } from "@/features/notes/queries";
import { Surroundings } from "@/features/notes/Surroundings";
import { isMissing } from "@/shared/api/problem";
import { s } from "@/shared/strings";
import { buttonClass } from "@/shared/ui/Button";
import { Empty, Loaded } from "@/shared/ui/states";

const route = getRouteApi("/shell/notes/$noteId");

export function NotePage() {
  const { noteId } = route.useParams();
  const note = useQuery(noteQuery(noteId));
  return (
    <>
      <Link to="/notes" className={`${buttonClass("quiet")} mb-2 md:hidden`}>
        ← {s.notes.list}
      </Link>
      {isMissing(note.error) ? (
        <Empty title={s.notes.missing} />
      ) : (
        <Loaded query={note}>{(found) => <Opened key={noteId} note={found} />}</Loaded>
      )}
    </>
  );
}

function Opened({ note }: { note: Note }) {
  useTitle(note.title);
  const navigate = useNavigate();
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[1fr_19rem]">
      <Editor note={note} onDeleted={() => void navigate({ to: "/notes" })} />
      <Surroundings note={note} />
    </div>
  );
}
