import { useQuery } from "@tanstack/react-query";
import { type Asked, type Recollection, recallQuery } from "@/features/recall/queries";
import { Result } from "@/features/recall/Result";
import { largestOf, strongest } from "@/features/recall/scores";
import { momentIn } from "@/shared/lib/dates";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { namedQuery } from "@/shared/trace/named";
import { Empty, Loaded } from "@/shared/ui/states";
import { WindowList } from "@/shared/ui/WindowList";

const CARD_HEIGHT = 380;

/** What comes to mind, best first, each with how it came there. */
export function Results({ asked }: { asked: Asked }) {
  const recall = useQuery(recallQuery(asked));
  if (asked.q === "") return <Empty title={s.recall.nothingAsked}>{s.recall.examples}</Empty>;
  return (
    <Loaded
      query={recall}
      isEmpty={(found) => found.results.length === 0}
      empty={<Empty title={s.recall.nothing}>{s.recall.nothingHint}</Empty>}
    >
      {(found) => <Found found={found} isOld={recall.isPlaceholderData} />}
    </Loaded>
  );
}

function Found({ found, isOld }: { found: Recollection; isOld: boolean }) {
  const ends = found.results.flatMap((result) => strongest(result.edges).flatMap(endsOf));
  const named = useQuery(namedQuery(ends)).data ?? {};
  const largest = largestOf(found.results);
  return (
    <div aria-busy={isOld}>
      <h2 className="sr-only">{s.recall.results}</h2>
      <Summary found={found} />
      <div className="mt-3">
        <WindowList
          items={found.results}
          keyOf={(result) => result.trace_id}
          estimate={CARD_HEIGHT}
          total={found.results.length}
        >
          {(result, place) => (
            <Result result={result} place={place + 1} largest={largest} named={named} />
          )}
        </WindowList>
      </div>
    </div>
  );
}

function endsOf({ src, dst }: { src: string; dst: string }): string[] {
  return [src, dst];
}

function Summary({ found }: { found: Recollection }) {
  const zone = useZone();
  const window = found.time_window;
  const shown = (moment: string | null | undefined) => (moment ? momentIn(zone, moment) : "…");
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-1 text-sm text-muted">
      <p role="status">{s.recall.found(found.results.length, found.took_ms.total ?? 0)}</p>
      {window ? <p>{s.recall.window(shown(window.since), shown(window.until))}</p> : null}
      {found.degraded.length ? (
        <p className="text-danger">{s.recall.degraded(found.degraded.join(", "))}</p>
      ) : null}
    </div>
  );
}
