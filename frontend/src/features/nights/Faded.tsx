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
  const undo = () =>
    restore.mutate(trace.trace_id, { onSuccess: () => announce(s.nights.restored) });
  return (
    <>
      <TraceRow
        trace={trace}
        action={
          <Button isBusy={restore.isPending} onClick={undo}>
            {s.nights.undo}
          </Button>
        }
      />
      <ErrorLine error={restore.error} />
    </>
  );
}
