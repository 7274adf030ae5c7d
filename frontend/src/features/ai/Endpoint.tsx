import { type FormEvent, useState } from "react";
import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";
import { Field, Switch } from "@/shared/ui/Field";

export interface Held {
  url: string;
  model?: string;
  hasKey: boolean;
}

export interface Wish {
  url: string;
  model: string;
  /** Undefined: the stored key stays; empty: it goes. */
  key: string | undefined;
}

interface Props {
  title: string;
  held: Held;
  urlHint: string;
  about?: string;
  isReadOnly: boolean;
  isBusy: boolean;
  onSave: (wish: Wish) => void;
}

/** One model: its address, its name and its key, which can be written and never read. */
export function Endpoint({ title, held, urlHint, about, isReadOnly, isBusy, onSave }: Props) {
  const [url, setUrl] = useState(held.url);
  const [model, setModel] = useState(held.model ?? "");
  const [key, setKey] = useState("");
  const [dropsKey, setDropsKey] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave({ url: url.trim(), model: model.trim(), key: dropsKey ? "" : key || undefined });
  };
  return (
    <form onSubmit={submit} aria-label={title} className="space-y-3">
      <h3 className="text-sm font-semibold">{title}</h3>
      <Field
        label={s.ai.address}
        type="url"
        readOnly={isReadOnly}
        hint={urlHint}
        value={url}
        onChange={(event) => setUrl(event.target.value)}
      />
      {held.model === undefined ? null : (
        <Field
          label={s.ai.model}
          required
          maxLength={200}
          readOnly={isReadOnly}
          value={model}
          onChange={(event) => setModel(event.target.value)}
        />
      )}
      {about ? <p className="text-sm text-muted">{about}</p> : null}
      {isReadOnly ? null : (
        <>
          <Field
            label={s.ai.key}
            type="password"
            autoComplete="off"
            disabled={dropsKey}
            hint={held.hasKey ? s.ai.keySet : s.ai.noKey}
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
          {held.hasKey ? (
            <Switch label={s.ai.removeKey} isOn={dropsKey} onChange={setDropsKey} />
          ) : null}
          <Button type="submit" isBusy={isBusy}>
            {s.ai.save}
          </Button>
        </>
      )}
    </form>
  );
}
