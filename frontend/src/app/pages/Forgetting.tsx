import { useTitle } from "@/app/useTitle";
import { Forget } from "@/features/forgetting/Forget";
import { Tombstones } from "@/features/forgetting/Tombstones";
import { s } from "@/shared/strings";
import { Panel } from "@/shared/ui/Panel";

export function Forgetting() {
  useTitle(s.memory.forgetting);
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <Panel title={s.forget.title}>
        <Forget />
      </Panel>
      <Panel title={s.forget.tombstones}>
        <Tombstones />
      </Panel>
    </div>
  );
}
