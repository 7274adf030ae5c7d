import { memo, type ReactNode } from "react";
import { momentIn, timeIn } from "@/shared/lib/dates";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { OpenTrace } from "@/shared/trace/OpenTrace";
import type { Trace } from "@/shared/trace/queries";
import { TraceText } from "@/shared/trace/TraceText";
import { Icon } from "@/shared/ui/Icon";

interface Props {
  trace: Trace;
  /** Whether the day is said already, by the heading above. */
  isWithinDay?: boolean;
  /** What else can be done with it, below the way to it. */
  action?: ReactNode;
}

/** One memory in a list: who said it, when, what; and the way to all that is known about it. */
export const TraceRow = memo(function TraceRow({ trace, isWithinDay = false, action }: Props) {
  const zone = useZone();
  const when = isWithinDay ? timeIn(zone, trace.created_at) : momentIn(zone, trace.created_at);
  return (
    <div className="flex gap-3 border-b border-line/60 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 text-xs text-muted">
          <time dateTime={trace.created_at}>{when}</time>
          <span>{s.roles(trace.role)}</span>
          {trace.pinned ? (
            <span className="inline-flex items-center gap-1 text-teal">
              <Icon name="pin" className="size-3.5" />
              {s.trace.pinned}
            </span>
          ) : null}
          {trace.faded_at ? <span>{s.trace.faded}</span> : null}
        </p>
        <div className="mt-0.5 text-sm">
          <TraceText content={trace.content} />
        </div>
      </div>
      <div className="flex shrink-0 flex-col items-end gap-1">
        <OpenTrace id={trace.trace_id} content={trace.content} />
        {action}
      </div>
    </div>
  );
});
