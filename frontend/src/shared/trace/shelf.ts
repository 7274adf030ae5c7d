import { infiniteQueryOptions } from "@tanstack/react-query";
import { answerOf, api } from "@/shared/api/client";
import { nextPage } from "@/shared/api/paged";
import { MEMORY } from "@/shared/trace/queries";

const TRACES_A_PAGE = 100;

/** What was said on a day, what a summary was made from, or what has faded. */
export type Shelf = { day: string } | { sources_of: string } | { faded: true };

export function shelfQuery(shelf: Shelf) {
  return infiniteQueryOptions({
    queryKey: [MEMORY, "shelf", shelf],
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET("/memory/episodes", {
          params: { query: { ...shelf, page: pageParam, per_page: TRACES_A_PAGE } },
          signal,
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: nextPage,
  });
}
