import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RUNS_A_PAGE, type Run, runsQuery } from "@/features/nights/queries";
import { reportOf } from "@/features/nights/report";
import { dayInWords, momentIn } from "@/shared/lib/dates";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { namedQuery } from "@/shared/trace/named";
import { PagedList } from "@/shared/ui/PagedList";
import { Empty } from "@/shared/ui/states";

/** The runs of the dream, latest first. */
export function Runs() {
  return (
    <PagedList
      perPage={RUNS_A_PAGE}
      queryOf={runsQuery}
      empty={<Empty title={s.nights.nothing}>{s.nights.nothingHint}</Empty>}
    >
      {(found) => (
        <ol className="space-y-3">
          {found.runs.map((run) => (
            <RunCard key={`${run.kind}${run.day}`} run={run} />
          ))}
        </ol>
      )}
    </PagedList>
  );
}

function RunCard({ run }: { run: Run }) {
  const zone = useZone();
  const report = reportOf(run.report);
  return (
    <li className="rounded-xl border border-line bg-panel p-4">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h3 className="font-medium">{s.nights.period(run.kind, dayInWords(run.day))}</h3>
        <p className={`text-sm ${run.state === "failed" ? "text-danger" : "text-muted"}`}>
          {s.nights.state(run.state)}
          {run.state !== "due" && run.finished_at ? ` · ${momentIn(zone, run.finished_at)}` : ""}
        </p>
      </div>
      {run.error ? <p className="mt-1 text-sm text-danger">{s.nights.failed(run.error)}</p> : null}
      {run.state === "done" ? (
        <>
          <p className="mt-1 text-sm text-muted">{s.nights.done(report)}</p>
          {report.fallback ? (
            <p className="mt-1 text-sm text-muted">{s.nights.fallback(report.fallback)}</p>
          ) : null}
          <TraceLinks label={s.nights.strengthened} ids={report.promoted} />
          <TraceLinks label={s.nights.faded} ids={report.faded} />
          {report.summary ? <TraceLinks label={s.nights.summary} ids={[report.summary]} /> : null}
        </>
      ) : (
        <p className="mt-1 text-sm text-muted">{s.nights.due(momentIn(zone, run.due_at))}</p>
      )}
    </li>
  );
}

const MOST_LINKS = 12;

/** What has faded for good is not there any more, and is only counted. */
function TraceLinks({ label, ids }: { label: string; ids: string[] }) {
  const shown = ids.slice(0, MOST_LINKS);
  const named = useQuery(namedQuery(shown));
  if (ids.length === 0) return null;
  return (
    <div className="mt-2 text-sm">
      <p className="text-muted">{s.nights.labelled(label, ids.length)}</p>
      <ul>
        {shown.map((id) => {
          const trace = named.data?.[id];
          return trace ? (
            <li key={id}>
              <Link
                to="."
                search={(old) => ({ ...old, trace: id })}
                resetScroll={false}
                className="line-clamp-1 min-h-6 text-teal underline-offset-2 hover:underline"
              >
                {trace.content.replaceAll("\n", " ")}
              </Link>
            </li>
          ) : null;
        })}
      </ul>
    </div>
  );
}
