import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { s } from "@/shared/strings";
import { announce } from "@/shared/ui/announce";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { Field, Switch } from "@/shared/ui/Field";
import { ErrorLine } from "@/shared/ui/states";

type Scope = Schemas["ApiKeyOut"]["scopes"][number];
const SCOPES: Scope[] = ["read", "write", "forget"];

interface Props {
  onClose: () => void;
  onMade: () => void;
}

/** Makes a key and shows it this once. */
export function NewKey({ onClose, onMade }: Props) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["read", "write"]);
  const making = useMutation({
    mutationFn: () => answerOf(api.POST("/auth/keys", { body: { name, scopes } })),
    onSuccess: onMade,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate();
  };
  const key = making.data?.key;
  if (key) {
    const copy = async () => {
      await navigator.clipboard.writeText(key);
      announce(s.keys.copied);
    };
    return (
      <Dialog title={s.keys.made} onClose={onClose}>
        <p className="mb-3 text-sm text-muted">{s.keys.madeHint}</p>
        <code className="block rounded-lg bg-canvas p-3 text-sm break-all">{key}</code>
        <div className="mt-4 flex justify-end gap-2">
          <Button onClick={() => void copy()}>{s.keys.copy}</Button>
          <Button look="primary" onClick={onClose}>
            {s.actions.close}
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title={s.keys.make} onClose={onClose}>
      <form onSubmit={submit} className="space-y-4">
        <Field
          label={s.keys.name}
          data-first
          required
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <fieldset className="space-y-2">
          <legend className="mb-1 text-sm font-medium">{s.keys.may}</legend>
          {SCOPES.map((scope) => (
            <Switch
              key={scope}
              label={s.keys.scope(scope)}
              isOn={scopes.includes(scope)}
              onChange={(isOn) =>
                setScopes(isOn ? [...scopes, scope] : scopes.filter((one) => one !== scope))
              }
            />
          ))}
        </fieldset>
        <ErrorLine error={making.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{s.actions.cancel}</Button>
          <Button
            type="submit"
            look="primary"
            disabled={scopes.length === 0}
            isBusy={making.isPending}
          >
            {s.keys.make}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
