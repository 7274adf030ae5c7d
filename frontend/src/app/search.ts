/** What the address bar may hold, read forgivingly: anything that makes no sense is as if it were not there. */
type Raw = Record<string, unknown>;

function text(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function among<T extends string>(value: unknown, allowed: readonly T[]): T | undefined {
  return allowed.find((known) => known === value);
}

function withoutGaps<T extends object>(found: { [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** On every page: the memory that is opened over it. */
export function shellSearch(raw: Raw): { trace?: string } {
  const trace = text(raw.trace);
  return trace && ID.test(trace) ? { trace } : {};
}

export interface RecallSearch {
  q: string;
  k: number;
  when: string;
}

export function recallSearch(raw: Raw): Partial<RecallSearch> {
  const k = Number(raw.k);
  return withoutGaps<RecallSearch>({
    q: text(raw.q),
    k: Number.isInteger(k) && k >= 1 && k <= 100 ? k : undefined,
    when: text(raw.when),
  });
}

export const KINDS = ["notes", "memory", "summaries"] as const;
export type Kind = (typeof KINDS)[number];

export interface SearchSearch {
  q: string;
  kind: Kind;
  month: string;
  page: number;
}

const MONTH = /^(19|20|21)\d\d-(0[1-9]|1[0-2])$/;
const LAST_PAGE = 1_000;

export function searchSearch(raw: Raw): Partial<SearchSearch> {
  const month = text(raw.month);
  const page = Number(raw.page);
  return withoutGaps<SearchSearch>({
    q: text(raw.q),
    kind: among(raw.kind, KINDS),
    month: month && MONTH.test(month) ? month : undefined,
    page: Number.isInteger(page) && page > 1 && page <= LAST_PAGE ? page : undefined,
  });
}

/** Where to go after signing in: a page of this app, and nothing else. */
export function signInSearch(raw: Raw): { next?: string } {
  const next = text(raw.next);
  return next?.startsWith("/app/") ? { next } : {};
}
