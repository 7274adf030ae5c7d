import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";

export type Trace = Schemas["TraceOut"];
export type TraceWithEdges = Schemas["TraceWithEdgesOut"];
export type Edge = Schemas["EdgeOut"];
export type Tombstone = Schemas["TombstoneOut"];
export type Preview = Schemas["app__schemas__forget__PreviewOut"];

/** Everything that is shown out of a memory; it is loaded anew when the memory changes. */
export const MEMORY = "memory";

export function traceQuery(id: string) {
  return queryOptions({
    queryKey: [MEMORY, "trace", id],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET("/memory/traces/{trace_id}", { params: { path: { trace_id: id } }, signal }),
      ),
    retry: false,
  });
}

export function useCorrection(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (changes: Schemas["TraceChanges"]) =>
      answerOf(
        api.PATCH("/memory/traces/{trace_id}", {
          params: { path: { trace_id: id } },
          body: changes,
        }),
      ),
    onSuccess: (changed) => {
      client.setQueryData(traceQuery(id).queryKey, changed);
      void client.invalidateQueries({ queryKey: [MEMORY] });
    },
  });
}

export function useRestore() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answerOf(
        api.POST("/memory/traces/{trace_id}/restore", { params: { path: { trace_id: id } } }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [MEMORY] }),
  });
}

/** What somebody wants forgotten. */
export type Wish =
  | Schemas["ForgetTraces"]
  | Schemas["ForgetQuery"]
  | Schemas["ForgetRange"]
  | Schemas["ForgetAll"];

export async function previewOf(wish: Wish): Promise<Preview> {
  return (await answerOf(
    api.POST("/memory/forget", { body: { ...wish, dry_run: true } }),
  )) as Preview;
}

export function useForgetting() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (wish: Wish) =>
      (await answerOf(api.POST("/memory/forget", { body: wish }))) as Tombstone,
    onSuccess: async () => {
      // A single memory is not asked for again: it may be one of those that are gone.
      client.removeQueries({ queryKey: [MEMORY, "trace"], type: "inactive" });
      await client.invalidateQueries({
        queryKey: [MEMORY],
        predicate: (query) => query.queryKey[1] !== "trace",
      });
    },
  });
}
