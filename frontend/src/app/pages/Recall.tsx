import { getRouteApi } from "@tanstack/react-router";
import { useTitle } from "@/app/useTitle";
import { Results } from "@/features/recall/Results";
import { s } from "@/shared/strings";

const route = getRouteApi("/shell/memory/recall");

export function Recall() {
  useTitle(s.memory.recall);
  const { q = "", k = 10, when = "" } = route.useSearch();
  return <Results asked={{ q, k, when }} />;
}
