import { words } from "@/shared/lib/words";

/** Notes, and what is around one. */
export const writing = {
  notes: {
    list: "Notes",
    filter: "Filter notes",
    make: "New note",
    untitled: "Untitled",
    blank: "blank",
    nothing: "There are no notes yet.",
    nothingHint: "A note is a document of yours that the memory remembers as well.",
    noMatch: "No note holds these words.",
    choose: "Choose a note, or write a new one.",
    chooseHint: "Write [[ to link one note to another.",
    missing: "There is no such note, or it was deleted.",
    title: "Title",
    content: "Text",
    placeholder: "Write in Markdown. [[ links to another note.",
    titles: "Notes to link to",
    read: "Read",
    write: "Write",
    picture: (alt: string) => `[picture: ${alt || "without a description"}]`,
    noSuchNote: (title: string) => `There is no note “${title}” yet.`,
    state: (state: string) =>
      ({
        saved: "Saved",
        waiting: "Not saved yet",
        saving: "Saving …",
        offline: "Offline: kept in this browser, and saved when the network is back",
        conflict: "It was changed elsewhere meanwhile.",
        failed: "Not saved:",
      })[state] ?? state,
    keepMine: "Keep mine",
    takeTheirs: "Take the other",
    remove: "Delete",
    removeTitle: (title: string) => `Delete “${title}”?`,
    removeHint: "The note goes, and what the memory has of it is forgotten for good.",
    removeConfirm: "Delete the note",
    deleted: "Deleted, and forgotten.",
    suggestions: "Suggestions",
    noSuggestions: "Nothing to suggest.",
    accept: "Accept",
    dismiss: "Dismiss",
    verdictOn: (verdict: string, title: string) => `${verdict}: ${title}`,
    connections: "Connections",
    noConnections: "It is tied to no other note.",
    connection: (type: string, direction: "to" | "from" | "both" | "none") =>
      ({
        reference:
          direction === "both"
            ? "links both ways"
            : direction === "to"
              ? "link to it"
              : "link from it",
        semantic: "near in meaning",
        temporal: "near in time",
      })[type] ?? words(type),
    disconnect: "Untie",
    disconnectNamed: (title: string) => `Untie ${title}`,
    backlinks: "Linked from",
    noBacklinks: "No note links here.",
    memories: "Memories around it",
    noMemories: "Nothing else comes to mind.",
  },
} as const;
