import { s } from "@/shared/strings";
import { Empty } from "@/shared/ui/states";

/** What stands beside the notes while none is open. */
export function NoNote() {
  return <Empty title={s.notes.choose}>{s.notes.chooseHint}</Empty>;
}
