import { type QueryClient, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { MEMORY } from "@/shared/trace/queries";

export type Note = Schemas["NoteOut"];
export type Suggestion = Schemas["SuggestionOut"];

const NOTES = "notes";
const byId = (note_id: string) => ({ params: { path: { note_id } } });

export const notesQuery = queryOptions({
  queryKey: [NOTES, "all"],
  queryFn: async ({ signal }) => (await answerOf(api.GET("/notes", { signal }))) as Note[],
});

export function noteQuery(id: string) {
  return queryOptions({
    queryKey: [NOTES, "one", id],
    queryFn: ({ signal }) => answerOf(api.GET("/notes/{note_id}", { ...byId(id), signal })),
    refetchOnWindowFocus: false, // what is being written is not written over
    retry: false,
  });
}

export function backlinksQuery(id: string) {
  return queryOptions({
    queryKey: [NOTES, "backlinks", id],
    queryFn: ({ signal }) =>
      answerOf(api.GET("/notes/{note_id}/backlinks", { ...byId(id), signal })),
  });
}

export function connectionsQuery(id: string) {
  return queryOptions({
    queryKey: [NOTES, "connections", id],
    queryFn: ({ signal }) =>
      answerOf(api.GET("/notes/{note_id}/connections", { ...byId(id), signal })),
  });
}

export function suggestionsQuery(id: string) {
  return queryOptions({
    queryKey: [NOTES, "suggestions", id],
    queryFn: ({ signal }) =>
      answerOf(api.GET("/notes/{note_id}/suggestions", { ...byId(id), signal })),
  });
}

/** The memories that come to mind at what a note says; looking at a note is no use of them. */
export function memoriesAround(note: Note) {
  const q = `${note.title}\n${note.content}`.slice(0, 2_000).trim();
  return queryOptions({
    queryKey: [MEMORY, "around", note.id, note.version],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET("/memory/recall", { params: { query: { q, k: 8, strengthen: false } }, signal }),
      ),
    staleTime: 60_000,
  });
}

export function useNewNote() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (title: string) => answerOf(api.POST("/notes", { body: { title } })),
    onSuccess: (note) => {
      client.setQueryData(noteQuery(note.id).queryKey, note);
      return client.invalidateQueries({ queryKey: notesQuery.queryKey });
    },
  });
}

export interface Text {
  title: string;
  content: string;
}

/** Saves what a note says; a later version from elsewhere is not written over. */
export function saveNote(id: string, text: Text, version: number): Promise<Note> {
  return answerOf(api.PUT("/notes/{note_id}", { ...byId(id), body: { ...text, version } }));
}

/** With a new title of one note, the links in the others have been written anew. */
export function invalidateOthers(client: QueryClient, id: string): Promise<void> {
  return client.invalidateQueries({
    queryKey: [NOTES, "one"],
    predicate: ({ queryKey }) => queryKey[2] !== id,
  });
}

export function useNoteDeletion() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answerOf(api.DELETE("/notes/{note_id}", byId(id))),
    onSuccess: async (_tombstone, id) => {
      client.setQueryData(notesQuery.queryKey, (notes) => notes?.filter((one) => one.id !== id));
      await client.invalidateQueries({ queryKey: notesQuery.queryKey });
      await client.invalidateQueries({ queryKey: [MEMORY], refetchType: "none" });
    },
  });
}

type Verdict = "accept" | "dismiss";

export function useVerdict(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ other, verdict }: { other: string; verdict: Verdict }): Promise<void> => {
      const at = { params: { path: { note_id: id, other_note_id: other } } };
      await (verdict === "accept"
        ? answerOf(api.POST("/notes/{note_id}/suggestions/{other_note_id}/accept", at))
        : answerOf(api.POST("/notes/{note_id}/suggestions/{other_note_id}/dismiss", at)));
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: suggestionsQuery(id).queryKey });
      await client.invalidateQueries({ queryKey: [NOTES, "connections"] });
    },
  });
}

export function useDisconnection(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (connections: readonly string[]) =>
      Promise.all(
        connections.map((connection_id) =>
          answerOf(
            api.DELETE("/notes/{note_id}/connections/{connection_id}", {
              params: { path: { note_id: id, connection_id } },
            }),
          ),
        ),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: [NOTES, "connections"] }),
  });
}
