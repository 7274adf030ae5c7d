import { useQuery } from "@tanstack/react-query";
import { Facets } from "@/features/search/Facets";
import { Hits } from "@/features/search/Hits";
import { type Found, HITS_A_PAGE, type Kind, searchQuery } from "@/features/search/queries";
import { nextMonth, startOfDay } from "@/shared/lib/dates";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { Pages } from "@/shared/ui/Pages";
import { Empty, Loaded } from "@/shared/ui/states";

interface Props {
  q: string;
  kind: Kind | undefined;
  month: string | undefined;
  page: number;
  onKind: (kind: Kind | undefined) => void;
  onMonth: (month: string | undefined) => void;
  onPage: (page: number) => void;
}

export function Results({ q, kind, month, page, onKind, onMonth, onPage }: Props) {
  const zone = useZone();
  const span = month
    ? { from: startOfDay(zone, `${month}-01`), to: startOfDay(zone, `${nextMonth(month)}-01`) }
    : undefined;
  const search = useQuery(searchQuery({ q, kind, span, page }));
  if (q === "") return <Empty title={s.search.nothingAsked}>{s.search.hint}</Empty>;
  return (
    <Loaded query={search}>
      {(found) => (
        <div className="space-y-3" aria-busy={search.isPlaceholderData}>
          <Facets
            facets={found.facets}
            kind={kind}
            month={month}
            onKind={onKind}
            onMonth={onMonth}
          />
          <Told found={found} />
          <h2 className="sr-only">{s.search.results}</h2>
          {found.results.length ? (
            <Hits hits={found.results} />
          ) : (
            <Empty title={s.search.nothing}>{s.search.nothingHint}</Empty>
          )}
          <Pages page={page} perPage={HITS_A_PAGE} total={found.total} onPage={onPage} />
        </div>
      )}
    </Loaded>
  );
}

function Told({ found }: { found: Found }) {
  const corrected = Object.entries(found.corrected);
  return (
    <div className="text-sm text-muted">
      <p role="status">{s.search.found(found.total, found.is_total, found.took_ms.total ?? 0)}</p>
      {corrected.map(([typed, read]) => (
        <p key={typed}>{s.search.corrected(typed, read)}</p>
      ))}
      {found.degraded.length ? (
        <p className="text-danger">{s.recall.degraded(found.degraded.join(", "))}</p>
      ) : null}
    </div>
  );
}
