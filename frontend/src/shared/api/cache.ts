import { QueryClient } from "@tanstack/react-query";
import { Problem, Unreachable } from "@/shared/api/problem";

const MOST_TRIES = 2;

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 15_000, retry: isWorthAnotherTry, networkMode: "online" },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

/** What is refused is refused again; what did not answer may answer yet. */
function isWorthAnotherTry(failures: number, error: Error): boolean {
  if (failures >= MOST_TRIES) return false;
  return error instanceof Unreachable || (error instanceof Problem && error.status === 503);
}
