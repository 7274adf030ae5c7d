import { queryOptions } from "@tanstack/react-query";
import { answerOf, api } from "@/shared/api/client";
import { momentIn } from "@/shared/lib/dates";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { Counts } from "@/shared/trace/Counts";
import { MEMORY } from "@/shared/trace/queries";
import { PagedList } from "@/shared/ui/PagedList";
import { Empty } from "@/shared/ui/states";

const A_PAGE = 20;

function tombstonesQuery(page: number) {
  return queryOptions({
    queryKey: [MEMORY, "tombstones", page],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET("/memory/tombstones", { params: { query: { page, per_page: A_PAGE } }, signal }),
      ),
  });
}

/** That something was forgotten, and how much; never what. */
export function Tombstones() {
  const zone = useZone();
  return (
    <PagedList
      perPage={A_PAGE}
      queryOf={tombstonesQuery}
      empty={<Empty title={s.forget.noTombstones} />}
    >
      {(found) => (
        <ul className="space-y-3">
          {found.tombstones.map((one) => (
            <li key={one.id} className="rounded-lg border border-line p-3">
              <p className="mb-2 text-sm">
                <time dateTime={one.forgotten_at}>{momentIn(zone, one.forgotten_at)}</time>
                <span className="text-muted"> · {s.forget.scoped(one.scope)}</span>
              </p>
              <Counts counts={one.counts} />
            </li>
          ))}
        </ul>
      )}
    </PagedList>
  );
}
