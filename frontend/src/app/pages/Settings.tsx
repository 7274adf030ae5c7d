import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTitle } from "@/app/useTitle";
import { Account } from "@/features/account/Account";
import { Erase } from "@/features/account/Erase";
import { MemorySettings } from "@/features/account/MemorySettings";
import { AiSettings } from "@/features/ai/AiSettings";
import { Keys } from "@/features/keys/Keys";
import { dropAllDrafts } from "@/features/notes/drafts";
import { Transfer } from "@/features/transfer/Transfer";
import { session } from "@/shared/api/session";
import { setKnown } from "@/shared/session/known";
import { s } from "@/shared/strings";
import { Panel } from "@/shared/ui/Panel";

export function Settings() {
  useTitle(s.nav.settings);
  const client = useQueryClient();
  const navigate = useNavigate();
  const leave = async () => {
    dropAllDrafts();
    setKnown(false);
    session.end();
    await navigate({ to: "/sign-in" });
    client.clear();
  };
  return (
    <div className="space-y-4">
      <h1 className="text-xl font-semibold">{s.nav.settings}</h1>
      <Panel title={s.settings.account}>
        <Account />
      </Panel>
      <Panel title={s.settings.ai}>
        <AiSettings />
      </Panel>
      <Panel title={s.settings.memory}>
        <p className="mb-2 text-sm text-muted">{s.settings.memoryHint}</p>
        <MemorySettings />
      </Panel>
      <Panel title={s.settings.keys}>
        <Keys />
      </Panel>
      <Panel title={s.settings.transfer}>
        <Transfer />
      </Panel>
      <Panel title={s.settings.eraseTitle}>
        <Erase onErased={() => void leave()} />
      </Panel>
    </div>
  );
}
