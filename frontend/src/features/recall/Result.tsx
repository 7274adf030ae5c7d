import type { Recalled } from "@/features/recall/queries";
import { ScoreBars } from "@/features/recall/ScoreBars";
import { Ways } from "@/features/recall/Ways";
import { momentIn } from "@/shared/lib/dates";
import { percent } from "@/shared/lib/numbers";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { OpenTrace } from "@/shared/trace/OpenTrace";
import { TraceText } from "@/shared/trace/TraceText";

interface Props {
  result: Recalled;
  place: number;
  largest: number;
  named: Readonly<Record<string, { content: string }>>;
}

export function Result({ result, place, largest, named }: Props) {
  const zone = useZone();
  return (
    <article className="rounded-xl border border-line bg-panel p-4">
      <div className="flex flex-wrap items-start justify-between gap-3 sm:flex-nowrap">
        <p className="w-12 shrink-0 text-center">
          <span className="sr-only">{s.recall.place(place)}</span>
          <span className="block text-lg font-semibold text-teal">{percent(result.score)}</span>
        </p>
        <div className="order-last min-w-0 basis-full sm:order-none sm:flex-1 sm:basis-0">
          <TraceText content={result.content} />
          <p className="mt-1 text-xs text-muted">
            <time dateTime={result.created_at}>{momentIn(zone, result.created_at)}</time>
            {` · ${s.roles(result.role)} · ${s.recall.head(result.head)}`}
            {result.copies.length ? ` · ${s.recall.copies(result.copies.length)}` : ""}
          </p>
        </div>
        <OpenTrace id={result.trace_id} content={result.content} />
      </div>
      <div className="mt-3 grid gap-4 lg:grid-cols-2">
        <ScoreBars scores={result.scores} largest={largest} />
        <Ways result={result} named={named} />
      </div>
    </article>
  );
}
