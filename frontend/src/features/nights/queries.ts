import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { MEMORY } from "@/shared/trace/queries";

export type Run = Schemas["RunOut"];
export const RUNS_A_PAGE = 20;

export function runsQuery(page: number) {
  return queryOptions({
    queryKey: [MEMORY, "runs", page],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET("/memory/consolidations", {
          params: { query: { page, per_page: RUNS_A_PAGE } },
          signal,
        }),
      ),
  });
}

/** Dream of everything that waits, now; for administrators. */
export function useDreaming() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answerOf(api.POST("/memory/consolidate", { body: {} })),
    onSuccess: () => client.invalidateQueries({ queryKey: [MEMORY] }),
  });
}
