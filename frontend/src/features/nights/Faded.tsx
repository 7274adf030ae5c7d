import { s } from "@/shared/strings";
import { type Trace, useRestore } from "@/shared/trace/queries";
import { ShelfOfTraces } from "@/shared/trace/ShelfOfTraces";
import { TraceRow } from "@/shared/trace/TraceRow";
import { announce } from "@/shared/ui/announce";
import { Button } from "@/shared/ui/Button";
import { Empty, ErrorLine } from "@/shared/ui/states";

/** What the dream let fade and can still be brought back. */
export function Faded() {
  return (
    <ShelfOfTraces
      shelf={{ faded: true }}
      label={s.nights.fadedTitle}
      empty={<Empty title={s.nights.nothingFaded}>{s.nights.nothingFadedHint}</Empty>}
    >
      {(trace) => <Undo trace={trace} />}
    </ShelfOfTraces>
  );
}

function Undo({ trace }: { trace: Trace }) {
  const restore = useRestore();
  return (
    <div className="flex items-center gap-2">
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
    </div>
  );
}
