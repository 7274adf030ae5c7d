import { type FormEvent, useState, useSyncExternalStore } from "react";
import { useSigning } from "@/features/auth/queries";
import { session } from "@/shared/api/session";
import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { Field } from "@/shared/ui/Field";
import { ErrorLine } from "@/shared/ui/states";

interface Props {
  email: string;
  onLeave: () => void;
  leaveError: unknown;
}

/** When the session has run out: sign in again over the page, which then goes on where it was. */
export function RenewSession(props: Props) {
  const isExpired = useSyncExternalStore(session.subscribe, session.isExpired);
  return isExpired ? <Renewal {...props} /> : null;
}

function Renewal({ email, onLeave, leaveError }: Props) {
  const [password, setPassword] = useState("");
  const signing = useSigning("in");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signing.mutate({ email, password });
  };
  return (
    <Dialog title={s.auth.expired}>
      <form onSubmit={submit} className="space-y-4">
        <p className="text-sm text-muted">{s.auth.expiredHint}</p>
        <Field label={s.auth.email} type="email" autoComplete="username" value={email} readOnly />
        <Field
          label={s.auth.password}
          type="password"
          autoComplete="current-password"
          required
          data-first
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <ErrorLine error={signing.error ?? leaveError} />
        <div className="flex justify-between gap-2">
          <Button look="quiet" onClick={onLeave}>
            {s.auth.signOut}
          </Button>
          <Button type="submit" look="primary" isBusy={signing.isPending}>
            {s.auth.goOn}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
