import { useTitle } from "@/app/useTitle";
import { InsightList } from "@/features/insights/Insights";
import { s } from "@/shared/strings";

export function Insights() {
  useTitle(s.memory.insights);
  return <InsightList />;
}
