import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { MEMORY } from "@/shared/trace/queries";

export type Recollection = Schemas["RecallOut"];
export type Recalled = Schemas["MemoryOut"];

export interface Asked {
  q: string;
  k: number;
  when: string;
}

export function recallQuery({ q, k, when }: Asked) {
  const query = { q, k, ...(when ? { time_window: when } : {}) };
  return queryOptions({
    queryKey: [MEMORY, "recall", query],
    queryFn: ({ signal }) => answerOf(api.GET("/memory/recall", { params: { query }, signal })),
    enabled: q !== "",
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    refetchOnWindowFocus: false, // asking is a use, which strengthens what is found
  });
}
