import { plural } from "@/shared/lib/numbers";

/** Searching in everything. */
export const searching = {
  search: {
    label: "Search in notes, memories and summaries",
    placeholder: "Search in everything",
    kinds: "Kinds",
    months: "Months",
    results: "Results",
    kind: (kind: string) =>
      ({ notes: "Notes", memory: "Memories", summaries: "Summaries" })[kind] ?? kind,
    one: (kind: string) =>
      ({ notes: "Note", memory: "Memory", summaries: "Summary" })[kind] ?? kind,
    nothingAsked: "Search in everything you wrote and said.",
    hint: "Words may be misspelt, and the last one unfinished. Arrows go through the results.",
    nothing: "Nothing was found.",
    nothingHint: "Try fewer words, or another month.",
    found: (many: number, isAll: boolean, ms: number) =>
      `${isAll ? "" : "More than "}${plural(many, "result", "results")} in ${Math.round(ms)} ms`,
    corrected: (typed: string, read: string) => `Read “${typed}” as “${read}”.`,
  },
} as const;
