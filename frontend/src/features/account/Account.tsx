import { useId } from "react";
import { Password } from "@/features/account/Password";
import { useAccountChange } from "@/features/account/queries";
import { momentIn } from "@/shared/lib/dates";
import { useMe } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { announce } from "@/shared/ui/announce";
import { INPUT, Switch } from "@/shared/ui/Field";
import { ErrorLine } from "@/shared/ui/states";

const ZONES = Intl.supportedValuesOf("timeZone");

/** Who one is here, where one's days begin, and whether anything is remembered. */
export function Account() {
  const me = useMe();
  const id = useId();
  const change = useAccountChange();
  const saved = { onSuccess: () => announce(s.settings.saved) };
  const zones = ZONES.includes(me.timezone) ? ZONES : [me.timezone, ...ZONES];
  return (
    <div className="space-y-5">
      <p className="text-sm wrap-anywhere">
        <span className="font-medium">{me.email}</span>
        <span className="text-muted">
          {` · ${s.settings.since(momentIn(me.timezone, me.created_at))}`}
          {me.is_admin ? ` · ${s.settings.administrator}` : ""}
        </span>
      </p>
      <div>
        <label htmlFor={id} className="mb-1 block text-sm font-medium">
          {s.settings.zone}
        </label>
        <select
          id={id}
          className={`${INPUT} max-w-sm`}
          value={me.timezone}
          disabled={change.isPending}
          onChange={(event) => change.mutate({ timezone: event.target.value }, saved)}
        >
          {zones.map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </select>
        <p className="mt-1 text-sm text-muted">{s.settings.zoneHint}</p>
      </div>
      <Switch
        label={s.settings.paused}
        hint={s.settings.pausedHint}
        isOn={me.recording_paused}
        isDisabled={change.isPending}
        onChange={(isOn) => change.mutate({ recording_paused: isOn }, saved)}
      />
      <ErrorLine error={change.error} />
      <Password />
    </div>
  );
}
