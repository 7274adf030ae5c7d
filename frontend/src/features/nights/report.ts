/** What came of a run, read out of its report, which says it in numbers and ids. */
export interface Report {
  traces: number;
  topics: number;
  edges: number;
  facts: number;
  insights: number;
  writer: string;
  fallback: string;
  summary: string;
  promoted: string[];
  faded: string[];
}

export function reportOf(raw: Record<string, unknown>): Report {
  const number = (name: string) => (typeof raw[name] === "number" ? (raw[name] as number) : 0);
  const text = (name: string) => (typeof raw[name] === "string" ? (raw[name] as string) : "");
  const ids = (name: string) =>
    Array.isArray(raw[name]) ? raw[name].filter((id) => typeof id === "string") : [];
  return {
    traces: number("traces"),
    topics: number("topics"),
    edges: number("edges_created"),
    facts: number("facts"),
    insights: number("insights"),
    writer: text("writer"),
    fallback: text("fallback"),
    summary: text("summary_trace"),
    promoted: ids("promoted"),
    faded: ids("faded"),
  };
}
