import { useTitle } from "@/app/useTitle";
import { Explorer } from "@/features/graph/Explorer";
import { s } from "@/shared/strings";

export function Graph() {
  useTitle(s.memory.graph);
  return <Explorer />;
}
