import { infiniteQueryOptions } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { nextPage } from "@/shared/api/paged";
import { MEMORY } from "@/shared/trace/queries";

export type Day = Schemas["DayOut"];

const DAYS_A_PAGE = 93;

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
