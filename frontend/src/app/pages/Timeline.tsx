import { useTitle } from "@/app/useTitle";
import { DayList } from "@/features/timeline/DayList";
import { s } from "@/shared/strings";

export function Timeline() {
  useTitle(s.memory.timeline);
  return <DayList />;
}
