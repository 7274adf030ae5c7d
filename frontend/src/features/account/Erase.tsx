import { type FormEvent, useState } from "react";
import { useErasing } from "@/features/account/queries";
import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { Field } from "@/shared/ui/Field";
import { ErrorLine } from "@/shared/ui/states";

/** The end of the account, and of everything in it. */
export function Erase({ onErased }: { onErased: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const [password, setPassword] = useState("");
  const erasing = useErasing();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    erasing.mutate(password, { onSuccess: onErased });
  };
  return (
    <>
      <p className="mb-3 text-sm text-muted">{s.settings.eraseHint}</p>
      <Button look="danger" onClick={() => setAsking(true)}>
        {s.settings.erase}
      </Button>
      {isAsking ? (
        <Dialog title={s.settings.eraseTitle} onClose={() => setAsking(false)}>
          <form onSubmit={submit} className="space-y-4">
            <p className="text-sm">{s.settings.eraseWarning}</p>
            <Field
              label={s.auth.password}
              type="password"
              autoComplete="current-password"
              required
              data-first
              value={password}
              onChange={(event) => setPassword(event.target.value)}
            />
            <ErrorLine error={erasing.error} />
            <div className="flex justify-end gap-2">
              <Button onClick={() => setAsking(false)}>{s.actions.cancel}</Button>
              <Button type="submit" look="danger" isBusy={erasing.isPending}>
                {s.settings.eraseConfirm}
              </Button>
            </div>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}
