import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";
import type { SearchSearch } from "@/app/search";
import { useTitle } from "@/app/useTitle";
import { focusFirstHit } from "@/features/search/Hits";
import { Results } from "@/features/search/Results";
import { SearchBox } from "@/features/search/SearchBox";
import { s } from "@/shared/strings";

const route = getRouteApi("/shell/search");

type Change = { [K in keyof SearchSearch]?: SearchSearch[K] | undefined };

/** What is searched for is in the address, so that it can be gone back to and sent on. */
export function Search() {
  useTitle(s.nav.search);
  const { q = "", kind, month, page = 1 } = route.useSearch();
  const navigate = useNavigate({ from: "/search" });
  const change = useCallback(
    (changed: Change, replace = false) => {
      void navigate({
        search: (old) => {
          const next: Change = { ...old, page: undefined, ...changed };
          return Object.fromEntries(Object.entries(next).filter(([, value]) => value));
        },
        replace,
        resetScroll: false,
      });
    },
    [navigate],
  );
  const search = useCallback((words: string) => change({ q: words }, true), [change]);
  return (
    <div className="mx-auto max-w-3xl space-y-4">
      <h1 className="sr-only">{s.nav.search}</h1>
      <SearchBox q={q} onSearch={search} onArrow={focusFirstHit} />
      <Results
        q={q}
        kind={kind}
        month={month}
        page={page}
        onKind={(wanted) => change({ kind: wanted })}
        onMonth={(wanted) => change({ month: wanted })}
        onPage={(wanted) => change({ page: wanted })}
      />
    </div>
  );
}
