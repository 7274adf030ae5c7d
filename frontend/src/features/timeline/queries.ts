import { infiniteQueryOptions } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { MEMORY } from "@/shared/trace/queries";

export type Day = Schemas["DayOut"];

const DAYS_A_PAGE = 93;
const TRACES_A_PAGE = 100;

interface Paged {
  page: number;
  per_page: number;
  total: number;
}

export function nextPage({ page, per_page, total }: Paged): number | undefined {
  return page * per_page < total ? page + 1 : undefined;
}

export const timelineQuery = infiniteQueryOptions({
  queryKey: [MEMORY, "timeline"],
  queryFn: ({ pageParam, signal }) =>
    answerOf(
      api.GET("/memory/timeline", {
        params: { query: { page: pageParam, per_page: DAYS_A_PAGE } },
        signal,
      }),
    ),
  initialPageParam: 1,
  getNextPageParam: nextPage,
});

/** What was said on a day, or what a summary was made from. */
export type Shelf = { day: string } | { sources_of: string };

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
