import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { MEMORY } from "@/shared/trace/queries";

export type Node = Schemas["NodeOut"];
export type Tie = Schemas["RelationshipOut"];
export type Picture = Schemas["KnowledgeGraphOut"];

/** The service gives so many nodes at once; more are added by going on from one. */
export const SIZES = [100, 250, 500];

export function graphQuery(limit: number) {
  return queryOptions({
    queryKey: [MEMORY, "graph", limit],
    queryFn: ({ signal }) =>
      answerOf(api.GET("/knowledge-graph", { params: { query: { limit, depth: 2 } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
}

/** What is around one node, to be added to what is shown. */
export function around(centre: string): Promise<Picture> {
  return answerOf(
    api.GET("/knowledge-graph", { params: { query: { centre, depth: 1, limit: 100 } } }),
  );
}
