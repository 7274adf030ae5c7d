import { count, plural } from "@/shared/lib/numbers";
import { words } from "@/shared/lib/words";

const COMPONENTS: Record<string, [name: string, meaning: string]> = {
  semantic: ["meaning", "how near the words are in meaning"],
  situation: ["situation", "how near it is in meaning with what was said around it"],
  entity: ["names", "how near its names and things are"],
  lexical: ["words", "rare words that both have"],
  neighbours: ["neighbours", "how well what was said around it fits"],
  phrase: ["phrase", "words in the same order"],
  novelty: ["novelty", "what was said before it does not answer already"],
  distinction: ["distinction", "how much it stands out"],
  substance: ["substance", "how much it says"],
  role: ["role", "who said it"],
  preference: ["preference", "says what somebody likes"],
  answer_type: ["answer", "mentions whom or what the question asks for"],
  time: ["time", "of the time that the question speaks of"],
  recency: ["recency", "how lately it was said"],
  activation: ["activation", "how often and lately it was recalled"],
  salience: ["salience", "how much it matters"],
  edge: ["edges", "ties to other results"],
};

const ABOUT_TEXT = new Set(["semantic", "situation", "entity", "lexical", "phrase"]);

const ROLES: Record<string, string> = {
  user: "You",
  assistant: "Assistant",
  system: "System",
  tool: "Tool",
  note: "Note",
  summary: "Summary",
  entity: "Name",
};

const EDGES: Record<string, [out: string, into: string]> = {
  next: ["before", "after"],
  summary_of: ["sums up", "summed up in"],
  mentions: ["mentions", "mentioned in"],
};

/** Asking the memory, and what a single memory says. */
export const recalling = {
  roles: (role: string) => ROLES[role] ?? role,
  components: {
    name: (name: string) => COMPONENTS[name]?.[0] ?? words(name),
    meaning: (name: string) => COMPONENTS[name]?.[1] ?? words(name),
    isAboutText: (name: string) => ABOUT_TEXT.has(name),
  },
  edges: {
    label: "Tied to",
    none: "Nothing is tied to this.",
    told: (type: string, isOut: boolean) =>
      EDGES[type]?.[isOut ? 0 : 1] ?? `${words(type)} ${isOut ? "→" : "←"}`,
    all: (many: number) => `Show all ${count(many)}`,
  },
  recall: {
    question: "What do you want to remember?",
    placeholder: "What can my sister not eat?",
    when: "Of which time",
    whenPlaceholder: "Any time, or: last week",
    howMany: "How many results",
    ask: "Recall",
    results: "What comes to mind",
    nothingAsked: "Ask your memory a question.",
    examples: "In plain words, of any time or of a span such as “last week”, “in March” or “7d”.",
    nothing: "Nothing comes to mind.",
    nothingHint: "Ask in other words, or of another time.",
    found: (many: number, ms: number) =>
      `${plural(many, "memory", "memories")} in ${Math.round(ms)} ms`,
    window: (since: string, until: string) => `From ${since} until ${until}`,
    degraded: (parts: string) => `Did not answer: ${parts}`,
    place: (place: number) => `Result ${place}, score`,
    head: (head: string) => `found by ${COMPONENTS[head]?.[0] ?? head}`,
    copies: (many: number) => `said ${count(many + 1)} times`,
    why: "Why it is here",
    silent: (names: string) => `Added nothing: ${names}`,
    edges: "Edges that lead here",
    noEdges: "No edge leads here.",
    another: "another memory",
    moreEdges: (many: number) => `and ${count(many)} more`,
  },
  trace: {
    title: "A memory",
    open: "Open",
    openNamed: (content: string) => `Open: ${content.slice(0, 60)}`,
    more: "Show all",
    less: "Show less",
    pinned: "pinned",
    faded: "faded",
    pin: "Pin",
    unpin: "Unpin",
    correct: "Correct",
    forget: "Forget",
    shouldSay: "What it should say",
    correctHint:
      "The old words are gone for good then, and summaries that were made from them are made anew.",
    saveCorrection: "Save the correction",
    corrected: "Corrected.",
    salience: "Salience: how much it matters",
    salienceHint: "From 0 to 1. What matters little fades sooner, unless it is pinned.",
    salienceSaved: "Saved how much it matters.",
    when: "When",
    who: "Who",
    from: "From",
    recalled: "Recalled",
    times: (many: string) => `${many} ×`,
    lastRecalled: "Last recalled",
    fadedAt: "Faded",
  },
} as const;
