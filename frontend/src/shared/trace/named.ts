import { queryOptions } from "@tanstack/react-query";
import { answerOf, api } from "@/shared/api/client";
import { MEMORY, type Trace } from "@/shared/trace/queries";

const MOST_AT_ONCE = 100;

/** Memories by their ids, with one question for all; those that are gone are left out. */
export function namedQuery(ids: readonly string[]) {
  const wanted = [...new Set(ids)].sort().slice(0, MOST_AT_ONCE);
  return queryOptions({
    queryKey: [MEMORY, "named", wanted],
    queryFn: async ({ signal }): Promise<Record<string, Trace>> => {
      const found = await answerOf(
        api.GET("/memory/traces", { params: { query: { ids: wanted } }, signal }),
      );
      return Object.fromEntries(found.traces.map((trace) => [trace.trace_id, trace]));
    },
    enabled: wanted.length > 0,
    staleTime: 60_000,
  });
}
