import { s } from "@/shared/strings";
import { ShelfOfTraces } from "@/shared/trace/ShelfOfTraces";
import type { Shelf } from "@/shared/trace/shelf";
import { TraceRow } from "@/shared/trace/TraceRow";
import { Empty } from "@/shared/ui/states";

interface Props {
  shelf: Shelf;
  label: string;
}

/** The memories of a day, or of its summary, under the heading that says which day. */
export function DayShelf({ shelf, label }: Props) {
  return (
    <div className="mt-3">
      <ShelfOfTraces shelf={shelf} label={label} empty={<Empty title={s.timeline.gone} />}>
        {(trace) => <TraceRow trace={trace} isWithinDay />}
      </ShelfOfTraces>
    </div>
  );
}
