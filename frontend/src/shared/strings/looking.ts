import { count, plural } from "@/shared/lib/numbers";
import { words } from "@/shared/lib/words";

/** The other ways to look at a memory. */
export const looking = {
  timeline: {
    nothing: "There is nothing to remember yet.",
    nothingHint: "Write a note, or let an assistant remember what is said.",
    days: (shown: string, many: number) => `${shown} ${many === 1 ? "day" : "days"}, latest first`,
    traces: (many: number) => plural(many, "memory", "memories"),
    pinned: (many: number) => `${count(many)} pinned`,
    faded: (many: number) => `${count(many)} faded`,
    notDreamt: "Not dreamt of yet.",
    openSources: "What it was made from",
    closeSources: "Close its sources",
    sourcesOf: (day: string) => `Sources of the summary of ${day}`,
    saidOn: (day: string) => `Said on ${day}`,
    gone: "What was said then has faded for good; the summary holds it.",
  },
  graph: {
    title: "Knowledge graph",
    find: "Find in the graph",
    nodes: (many: number, edges: number, drawn: number) =>
      `${plural(many, "node", "nodes")}, ${plural(edges, "edge", "edges")}${edges > drawn ? `; the ${count(drawn)} strongest are drawn` : ""}`,
    list: "Nodes of the graph",
    beside: "Beside the picture",
    nothing: "There is no graph yet.",
    nothingHint: "The dream draws it at night, out of the people and things that you speak of.",
    noMatch: "No node is called so.",
    picture: "Picture of the graph; the list beside it holds the same.",
    noPicture: "This browser draws no WebGL: the list holds everything.",
    types: "Kinds of edges",
    size: "How many nodes",
    arranging: "Arranging …",
    expand: "Show more around it",
    ties: (many: number) => plural(many, "tie", "ties"),
    close: "Back to all nodes",
    type: (type: string) => words(type),
    over: "over",
  },
  insights: {
    nothing: "Nothing was noticed yet.",
    nothingHint: "When something comes back on several days, it is told here.",
    evidence: "What it rests on",
    wasItOfUse: "Was this of use?",
    helpful: "Of use",
    notHelpful: "Not of use",
    kind: (kind: string) => words(kind),
  },
  nights: {
    title: "What happened at night",
    nothing: "No night has fallen yet.",
    nothingHint: "Your days are dreamt of at two in the morning of your time zone.",
    dreamNow: "Dream now",
    dreaming: "Dreaming …",
    dreamt: (runs: number) =>
      runs === 0
        ? "There was nothing left to dream of."
        : `Dreamt of ${plural(runs, "day, week or month", "days, weeks and months")}.`,
    period: (kind: string, day: string) =>
      kind === "daily" ? day : kind === "weekly" ? `Week until ${day}` : `Month until ${day}`,
    state: (state: string) =>
      ({ due: "waits", running: "is being dreamt", done: "done", failed: "failed" })[state] ??
      state,
    due: (when: string) => `To be dreamt from ${when} on.`,
    done: (report: {
      traces: number;
      topics: number;
      edges: number;
      facts: number;
      insights: number;
    }) =>
      [
        plural(report.traces, "memory read", "memories read"),
        plural(report.topics, "topic", "topics"),
        plural(report.edges, "new edge", "new edges"),
        plural(report.facts, "fact", "facts"),
        plural(report.insights, "insight", "insights"),
      ].join(" · "),
    fallback: (why: string) => `Written without the language model: ${words(why)}.`,
    failed: (error: string) => `It failed (${error}) and is tried again.`,
    strengthened: "Strengthened",
    faded: "Faded",
    summary: "Summary",
    labelled: (label: string, many: number) => (many === 1 ? label : `${label} (${count(many)})`),
    fadedTitle: "Faded, and can come back",
    fadedHint: "What has not been used for long does not come to mind any more.",
    nothingFaded: "Nothing has faded.",
    nothingFadedHint: "What fades is listed here for some weeks, and can be brought back.",
    undo: "Bring back",
    restored: "It comes to mind again.",
  },
} as const;
