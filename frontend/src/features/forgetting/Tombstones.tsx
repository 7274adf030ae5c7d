import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answerOf, api } from "@/shared/api/client";
import { momentIn } from "@/shared/lib/dates";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { Counts } from "@/shared/trace/Counts";
import { MEMORY } from "@/shared/trace/queries";
import { Pages } from "@/shared/ui/Pages";
import { Empty, Loaded } from "@/shared/ui/states";

const A_PAGE = 20;

/** That something was forgotten, and how much; never what. */
export function Tombstones() {
  const zone = useZone();
  const [page, setPage] = useState(1);
  const tombstones = useQuery({
    queryKey: [MEMORY, "tombstones", page],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET("/memory/tombstones", { params: { query: { page, per_page: A_PAGE } }, signal }),
      ),
    placeholderData: keepPreviousData,
  });
  return (
    <Loaded
      query={tombstones}
      isEmpty={(found) => found.total === 0}
      empty={<Empty title={s.forget.noTombstones} />}
    >
      {(found) => (
        <>
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
          <Pages page={page} perPage={A_PAGE} total={found.total} onPage={setPage} />
        </>
      )}
    </Loaded>
  );
}
