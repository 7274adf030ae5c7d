import { count, plural } from "@/shared/lib/numbers";
import { words } from "@/shared/lib/words";

const STORES: Record<string, [one: string, many: string]> = {
  traces: ["memory", "memories"],
  pruned: ["memory that had faded for good", "memories that had faded for good"],
  embeddings: ["vector", "vectors"],
  edges: ["edge", "edges"],
  postings: ["word", "words"],
  summaries: ["summary", "summaries"],
  entities: ["name", "names"],
  insights: ["insight", "insights"],
  notes: ["note", "notes"],
  note_links: ["connection of notes", "connections of notes"],
};

/** Forgetting, and how much there is. */
export const forgetting = {
  forget: {
    title: "Forget for good",
    what: "What to forget",
    scope: (scope: string) =>
      ({ query: "What a question finds", range: "A span of days", all: "Everything" })[scope] ??
      scope,
    scoped: (scope: string) =>
      ({
        trace: "single memories",
        source: "a source",
        conversation: "a conversation",
        range: "a span of time",
        query: "what a question found",
        all: "everything",
      })[scope] ?? scope,
    query: "What is it about?",
    howMany: "At most",
    from: "From",
    to: "Until and with",
    notes: "Notes as well",
    notesHint: "Notes are documents of their own and stay unless you say so.",
    preview: "Show what would go",
    wouldGo: "This would go:",
    memories: "Memories that would go",
    more: (many: number) => `and ${count(many)} more`,
    forGood: "It cannot be brought back. What the dream made of it goes too.",
    confirm: "Forget for good",
    nothing: "There is nothing like that to forget.",
    gone: "Forgotten.",
    tombstone: (id: string) => `Its tombstone, which says how much and never what: ${id}`,
    tombstones: "Tombstones",
    noTombstones: "Nothing was forgotten.",
    holds: (name: string, many: number) =>
      plural(many, ...(STORES[name] ?? ([words(name), words(name)] as const))),
  },
  storage: {
    yours: "Your memory",
    traces: "Memories",
    salience: "Mean salience",
    workingMemory: "In working memory",
    redisDown: "does not answer",
    pending: "Vectors still to be made",
    tiers: "Tiers",
    noTiers: "There is nothing to hold yet.",
    tier: (name: string) => (name === "hot" ? "Hot: in the fast index" : "Warm: in a small index"),
    tierHolds: (traces: number, vectors: number) =>
      `${plural(traces, "memory", "memories")}, ${plural(vectors, "vector", "vectors")}`,
    room: "Room on disk",
    tables: "Tables",
    indexes: "Indexes",
    roomHint: "Of the whole service, with everybody in it.",
  },
} as const;
