import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Unreachable } from "@/shared/api/problem";
import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";

/** What a person reads about something that went wrong. */
export function told(error: unknown): string {
  if (error instanceof Unreachable) return s.states.unreachable;
  return error instanceof Error && error.message ? error.message : s.states.failed;
}

export function Loading({ what }: { what?: string }) {
  return (
    <div role="status" className="space-y-3 py-2">
      <span className="sr-only">{what ?? s.states.loading}</span>
      {["w-3/4", "w-full", "w-2/3"].map((width) => (
        <div key={width} className={`h-4 animate-pulse rounded bg-line ${width}`} />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="rounded-xl border border-dashed border-line px-4 py-10 text-center">
      <p className="font-medium">{title}</p>
      {children ? (
        <div className="mx-auto mt-1 max-w-prose text-sm text-muted">{children}</div>
      ) : null}
    </div>
  );
}

export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div role="alert" className="rounded-xl border border-danger/60 px-4 py-6 text-center">
      <p className="font-medium text-danger">{s.states.failed}</p>
      <p className="mt-1 text-sm text-muted">{told(error)}</p>
      {onRetry ? (
        <Button className="mt-3" onClick={onRetry}>
          {s.states.retry}
        </Button>
      ) : null}
    </div>
  );
}

export function ErrorLine({ error }: { error: unknown }) {
  return error ? (
    <p role="alert" className="text-sm text-danger">
      {told(error)}
    </p>
  ) : null;
}

function Offline() {
  return (
    <div
      role="status"
      className="rounded-xl border border-dashed border-line px-4 py-10 text-center"
    >
      <p className="font-medium">{s.states.offline}</p>
      <p className="mt-1 text-sm text-muted">{s.states.offlineHint}</p>
    </div>
  );
}

interface LoadedProps<T> {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
  isEmpty?: (data: T) => boolean;
  empty?: ReactNode;
}

/** A query's data in whichever state it is; what was loaded once stays while it is loaded anew. */
export function Loaded<T>({ query, children, isEmpty, empty }: LoadedProps<T>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isError ? (
          <p role="status" className="mb-3 text-sm text-danger">
            {s.states.stale} {told(query.error)}
          </p>
        ) : null}
        {isEmpty?.(query.data) ? empty : children(query.data)}
      </>
    );
  }
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  return query.fetchStatus === "paused" ? <Offline /> : <Loading />;
}
