import { type FormEvent, useState } from "react";
import { useAccountChange } from "@/features/account/queries";
import { s } from "@/shared/strings";
import { announce } from "@/shared/ui/announce";
import { Button } from "@/shared/ui/Button";
import { Field } from "@/shared/ui/Field";
import { ErrorLine } from "@/shared/ui/states";

export function Password() {
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const change = useAccountChange();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { password: wanted, current_password: current },
      {
        onSuccess: () => {
          setCurrent("");
          setWanted("");
          announce(s.settings.passwordChanged);
        },
      },
    );
  };
  return (
    <details>
      <summary className="text-sm font-medium text-teal">{s.settings.password}</summary>
      <form onSubmit={submit} className="mt-3 max-w-sm space-y-3">
        <Field
          label={s.settings.currentPassword}
          type="password"
          autoComplete="current-password"
          required
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <Field
          label={s.settings.newPassword}
          type="password"
          autoComplete="new-password"
          required
          minLength={8}
          hint={s.auth.passwordHint}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <ErrorLine error={change.error} />
        <Button type="submit" isBusy={change.isPending}>
          {s.settings.changePassword}
        </Button>
      </form>
    </details>
  );
}
