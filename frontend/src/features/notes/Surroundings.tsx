import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type NoteTie, tiesOf } from "@/features/notes/connections";
import {
  backlinksQuery,
  connectionsQuery,
  memoriesAround,
  type Note,
  type Suggestion,
  suggestionsQuery,
  useDisconnection,
  useVerdict,
} from "@/features/notes/queries";
import { s } from "@/shared/strings";
import { OpenTrace } from "@/shared/trace/OpenTrace";
import { Bar } from "@/shared/ui/Bar";
import { Button } from "@/shared/ui/Button";
import { Panel } from "@/shared/ui/Panel";
import { ErrorLine, Loaded } from "@/shared/ui/states";

/** What is around a note: who refers to it, what it is tied to, what it might be, what comes to mind. */
export function Surroundings({ note }: { note: Note }) {
  return (
    <div className="space-y-4">
      <Panel title={s.notes.suggestions}>
        <Suggestions id={note.id} />
      </Panel>
      <Panel title={s.notes.connections}>
        <Connections id={note.id} />
      </Panel>
      <Panel title={s.notes.backlinks}>
        <Backlinks id={note.id} />
      </Panel>
      <Panel title={s.notes.memories}>
        <Memories note={note} />
      </Panel>
    </div>
  );
}

function Nothing({ children }: { children: ReactNode }) {
  return <p className="text-sm text-muted">{children}</p>;
}

function NoteLink({ id, title }: { id: string; title: string }) {
  return (
    <Link
      to="/notes/$noteId"
      params={{ noteId: id }}
      className="line-clamp-1 min-h-6 font-medium text-teal underline-offset-2 hover:underline"
    >
      {title}
    </Link>
  );
}

function Suggestions({ id }: { id: string }) {
  const suggestions = useQuery(suggestionsQuery(id));
  return (
    <Loaded
      query={suggestions}
      isEmpty={(found) => found.length === 0}
      empty={<Nothing>{s.notes.noSuggestions}</Nothing>}
    >
      {(found) => (
        <ul className="space-y-4">
          {found.map((one) => (
            <SuggestionItem key={one.note_id} id={id} suggestion={one} />
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function SuggestionItem({ id, suggestion }: { id: string; suggestion: Suggestion }) {
  const verdict = useVerdict(id);
  const say = (word: "accept" | "dismiss", label: string) => (
    <Button
      aria-label={s.notes.verdictOn(label, suggestion.title)}
      isBusy={verdict.isPending}
      onClick={() => verdict.mutate({ other: suggestion.note_id, verdict: word })}
    >
      {label}
    </Button>
  );
  return (
    <li className="text-sm">
      <NoteLink id={suggestion.note_id} title={suggestion.title} />
      <ul className="my-1 space-y-1.5">
        {suggestion.reasons.map((tie) => (
          <li key={tie.kind}>
            <p className="flex justify-between gap-2 text-muted">
              <span>{tie.reason}</span>
              <span className="whitespace-nowrap tabular-nums">{tie.strength} %</span>
            </p>
            <Bar part={tie.strength / 100} tone={tie.kind === "meaning" ? "teal" : "blue"} />
          </li>
        ))}
      </ul>
      <div className="flex gap-2">
        {say("accept", s.notes.accept)}
        {say("dismiss", s.notes.dismiss)}
      </div>
      <ErrorLine error={verdict.error} />
    </li>
  );
}

function Connections({ id }: { id: string }) {
  const connections = useQuery(connectionsQuery(id));
  return (
    <Loaded
      query={connections}
      isEmpty={(found) => found.length === 0}
      empty={<Nothing>{s.notes.noConnections}</Nothing>}
    >
      {(found) => (
        <ul className="space-y-2 text-sm">
          {tiesOf(found, id).map((tie) => (
            <ConnectionItem key={`${tie.noteId}${tie.type}`} id={id} tie={tie} />
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function ConnectionItem({ id, tie }: { id: string; tie: NoteTie }) {
  const disconnection = useDisconnection(id);
  return (
    <li>
      <div className="flex items-center gap-2">
        <div className="min-w-0 flex-1">
          <NoteLink id={tie.noteId} title={tie.title} />
          <p className="text-muted">
            {s.notes.connection(tie.type, tie.direction)} · {tie.strength} %
          </p>
        </div>
        {tie.made.length > 0 ? (
          <Button
            aria-label={s.notes.disconnectNamed(tie.title)}
            isBusy={disconnection.isPending}
            onClick={() => disconnection.mutate(tie.made)}
          >
            {s.notes.disconnect}
          </Button>
        ) : null}
      </div>
      <ErrorLine error={disconnection.error} />
    </li>
  );
}

function Backlinks({ id }: { id: string }) {
  const backlinks = useQuery(backlinksQuery(id));
  return (
    <Loaded
      query={backlinks}
      isEmpty={(found) => found.length === 0}
      empty={<Nothing>{s.notes.noBacklinks}</Nothing>}
    >
      {(found) => (
        <ul className="space-y-2 text-sm">
          {found.map((one) => (
            <li key={one.note_id}>
              <NoteLink id={one.note_id} title={one.title} />
              {one.line ? <p className="line-clamp-2 text-muted">{one.line}</p> : null}
            </li>
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function Memories({ note }: { note: Note }) {
  const recall = useQuery(memoriesAround(note));
  return (
    <Loaded query={recall}>
      {(found) => {
        const others = found.results.filter((one) => one.trace_id !== note.trace_id);
        if (others.length === 0) return <Nothing>{s.notes.noMemories}</Nothing>;
        return (
          <ul className="divide-y divide-line/60 text-sm">
            {others.map((one) => (
              <li key={one.trace_id} className="flex items-center gap-2 py-1">
                <p className="line-clamp-2 min-w-0 flex-1">{one.content}</p>
                <OpenTrace id={one.trace_id} content={one.content} />
              </li>
            ))}
          </ul>
        );
      }}
    </Loaded>
  );
}
