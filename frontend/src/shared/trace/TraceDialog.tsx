import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { momentIn } from "@/shared/lib/dates";
import { count } from "@/shared/lib/numbers";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { ConfirmForgetting } from "@/shared/trace/ConfirmForgetting";
import { Correction } from "@/shared/trace/Correction";
import { type TraceWithEdges, traceQuery, useCorrection } from "@/shared/trace/queries";
import { Salience } from "@/shared/trace/Salience";
import { TraceEdges } from "@/shared/trace/TraceEdges";
import { TraceText } from "@/shared/trace/TraceText";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { Icon } from "@/shared/ui/Icon";
import { ErrorLine, Loaded } from "@/shared/ui/states";

interface Props {
  id: string;
  onClose: () => void;
}

/** Everything that is known about one memory, and all that can be done with it. */
export function TraceDialog({ id, onClose }: Props) {
  const trace = useQuery(traceQuery(id));
  return (
    <Dialog title={s.trace.title} onClose={onClose} isWide>
      <Loaded query={trace}>
        {(found) => <Opened key={found.trace_id} trace={found} onClose={onClose} />}
      </Loaded>
    </Dialog>
  );
}

/** What the dream or a note says is made from elsewhere, and the service refuses to correct it here. */
function isOwnWords({ source }: TraceWithEdges): boolean {
  return source.type !== "dream" && source.type !== "note";
}

type Doing = "looking" | "correcting" | "forgetting";

function Opened({ trace, onClose }: { trace: TraceWithEdges; onClose: () => void }) {
  const [doing, setDoing] = useState<Doing>("looking");
  const correction = useCorrection(trace.trace_id);
  if (doing === "correcting") {
    return <Correction trace={trace} onDone={() => setDoing("looking")} />;
  }
  if (doing === "forgetting") {
    const wish = { scope: "trace" as const, ids: [trace.trace_id] };
    return (
      <>
        <TraceText content={trace.content} />
        <ConfirmForgetting wish={wish} onCancel={() => setDoing("looking")} onDone={onClose} />
      </>
    );
  }
  return (
    <div className="space-y-5">
      <TraceText content={trace.content} />
      <div className="flex flex-wrap gap-2">
        <Button
          aria-pressed={trace.pinned}
          isBusy={correction.isPending}
          onClick={() => correction.mutate({ pinned: !trace.pinned })}
        >
          <Icon name="pin" className="size-4" />
          {trace.pinned ? s.trace.unpin : s.trace.pin}
        </Button>
        {isOwnWords(trace) ? (
          <Button onClick={() => setDoing("correcting")}>{s.trace.correct}</Button>
        ) : null}
        <Button onClick={() => setDoing("forgetting")}>{s.trace.forget}</Button>
      </div>
      <ErrorLine error={correction.error} />
      <Salience trace={trace} />
      <Facts trace={trace} />
      <TraceEdges trace={trace} />
    </div>
  );
}

function Facts({ trace }: { trace: TraceWithEdges }) {
  const zone = useZone();
  const { type, ...rest } = trace.source;
  const facts: [string, string][] = [
    [s.trace.when, momentIn(zone, trace.created_at)],
    [s.trace.who, s.roles(trace.role)],
    [s.trace.from, [type, ...Object.values(rest)].join(" · ")],
    [s.trace.recalled, s.trace.times(count(trace.access_count))],
  ];
  if (trace.last_accessed_at) {
    facts.push([s.trace.lastRecalled, momentIn(zone, trace.last_accessed_at)]);
  }
  if (trace.faded_at) facts.push([s.trace.fadedAt, momentIn(zone, trace.faded_at)]);
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
