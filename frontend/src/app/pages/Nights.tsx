import { useTitle } from "@/app/useTitle";
import { DreamNow } from "@/features/nights/DreamNow";
import { Faded } from "@/features/nights/Faded";
import { Runs } from "@/features/nights/Runs";
import { useMe } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { Panel } from "@/shared/ui/Panel";

export function Nights() {
  useTitle(s.memory.nights);
  const me = useMe();
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
      <Panel title={s.nights.title} aside={me.is_admin ? <DreamNow /> : null}>
        <Runs />
      </Panel>
      <Panel title={s.nights.fadedTitle}>
        <p className="mb-2 text-sm text-muted">{s.nights.fadedHint}</p>
        <Faded />
      </Panel>
    </div>
  );
}
