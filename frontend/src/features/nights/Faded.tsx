import { useQuery } from "@tanstack/react-query";
import { fadedQuery } from "@/features/nights/queries";
import { s } from "@/shared/strings";
import { type Trace, useRestore } from "@/shared/trace/queries";
import { TraceRow } from "@/shared/trace/TraceRow";
import { announce } from "@/shared/ui/announce";
import { Button } from "@/shared/ui/Button";
import { Empty, ErrorLine, Loaded } from "@/shared/ui/states";

/** What the dream let fade and can still be brought back. */
export function Faded() {
  const faded = useQuery(fadedQuery);
  return (
    <Loaded
      query={faded}
      isEmpty={(found) => found.total === 0}
      empty={<Empty title={s.nights.nothingFaded}>{s.nights.nothingFadedHint}</Empty>}
    >
      {(found) => (
        <ul aria-label={s.nights.fadedTitle}>
          {found.episodes.map((trace) => (
            <Undo key={trace.trace_id} trace={trace} />
          ))}
        </ul>
      )}
    </Loaded>
  );
}

function Undo({ trace }: { trace: Trace }) {
  const restore = useRestore();
  return (
    <li className="flex items-center gap-2">
      <div className="min-w-0 flex-1">
        <TraceRow trace={trace} />
        <ErrorLine error={restore.error} />
      </div>
      <Button
        isBusy={restore.isPending}
        onClick={() =>
          restore.mutate(trace.trace_id, { onSuccess: () => announce(s.nights.restored) })
        }
      >
        {s.nights.undo}
      </Button>
    </li>
  );
}
