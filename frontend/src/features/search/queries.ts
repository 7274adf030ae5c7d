import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { MEMORY } from "@/shared/trace/queries";

export type Hit = Schemas["HitOut"];
export type Found = Schemas["SearchOut"];
export type Kind = Hit["kind"];

export interface Wanted {
  q: string;
  kind: Kind | undefined;
  /** A month of the person's zone, such as `2026-11`, as the span that it is. */
  span: { from: string; to: string } | undefined;
  page: number;
}

export const HITS_A_PAGE = 20;

export function searchQuery({ q, kind, span, page }: Wanted) {
  const query = { q, k: HITS_A_PAGE, page, ...(kind ? { kinds: kind } : {}), ...span };
  return queryOptions({
    queryKey: [MEMORY, "search", query],
    queryFn: ({ signal }) => answerOf(api.GET("/search", { params: { query }, signal })),
    enabled: q !== "",
    placeholderData: keepPreviousData,
  });
}
