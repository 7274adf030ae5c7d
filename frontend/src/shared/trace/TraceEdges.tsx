import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { s } from "@/shared/strings";
import { namedQuery } from "@/shared/trace/named";
import { OpenTrace } from "@/shared/trace/OpenTrace";
import type { Edge, Trace, TraceWithEdges } from "@/shared/trace/queries";
import { Button } from "@/shared/ui/Button";
import { ErrorLine } from "@/shared/ui/states";

const SHOWN_AT_FIRST = 8;

/** What a memory is tied to, each by the words of its other end. */
export function TraceEdges({ trace }: { trace: TraceWithEdges }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? trace.edges : trace.edges.slice(0, SHOWN_AT_FIRST);
  const named = useQuery(namedQuery(shown.map((edge) => otherEnd(edge, trace.trace_id))));
  if (trace.edges.length === 0) return <p className="text-sm text-muted">{s.edges.none}</p>;
  return (
    <section aria-label={s.edges.label}>
      <h3 className="mb-1 text-sm font-semibold">{s.edges.label}</h3>
      <ul className="divide-y divide-line/60">
        {shown.map((edge) => (
          <OtherEnd
            key={`${edge.src}${edge.dst}${edge.type}`}
            edge={edge}
            isOut={edge.src === trace.trace_id}
            other={named.data?.[otherEnd(edge, trace.trace_id)]}
          />
        ))}
      </ul>
      <ErrorLine error={named.error} />
      {trace.edges.length > shown.length ? (
        <Button className="mt-2" onClick={() => setWhole(true)}>
          {s.edges.all(trace.edges.length)}
        </Button>
      ) : null}
    </section>
  );
}

function otherEnd(edge: Edge, here: string): string {
  return edge.src === here ? edge.dst : edge.src;
}

interface OtherEndProps {
  edge: Edge;
  isOut: boolean;
  other: Trace | undefined;
}

function OtherEnd({ edge, isOut, other }: OtherEndProps) {
  return (
    <li className="flex min-h-11 items-center gap-3 py-1.5 text-sm">
      <span className="w-28 shrink-0 text-muted">{s.edges.told(edge.type, isOut)}</span>
      <span className="line-clamp-2 min-w-0 flex-1">{other?.content ?? "…"}</span>
      {other ? <OpenTrace id={other.trace_id} content={other.content} /> : null}
    </li>
  );
}
