/** What the service says when it refuses: its name, its status, and what to do about it. */
export class Problem extends Error {
  readonly status: number;
  readonly kind: string;

  constructor(status: number, kind: string, detail: string) {
    super(detail);
    this.status = status;
    this.kind = kind;
  }
}

/** The service does not answer at all: no network, or it is not running. */
export class Unreachable extends Error {}

export function isMissing(error: unknown): boolean {
  return error instanceof Problem && error.status === 404;
}

export function problemOf(status: number, body: unknown): Problem {
  const told = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const detail = typeof told.detail === "string" ? told.detail : `The service answered ${status}.`;
  const kind = typeof told.error === "string" ? told.error : "HTTPError";
  return new Problem(status, kind, detail);
}
