import { type FormEvent, useState } from "react";
import { nextDay, startOfDay } from "@/shared/lib/dates";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { ConfirmForgetting } from "@/shared/trace/ConfirmForgetting";
import type { Wish } from "@/shared/trace/queries";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { Field, Switch } from "@/shared/ui/Field";

type Scope = "query" | "range" | "all";
const SCOPES: Scope[] = ["query", "range", "all"];
const MOST = 100;

/** Forget more than one memory: what a question finds, a span of days, or everything. */
export function Forget() {
  const zone = useZone();
  const [scope, setScope] = useState<Scope>("query");
  const [query, setQuery] = useState("");
  const [k, setK] = useState(5);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [hasNotes, setHasNotes] = useState(false);
  const [wish, setWish] = useState<Wish>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const notes = { include_notes: hasNotes };
    if (scope === "query") setWish({ scope, query, k, ...notes });
    else if (scope === "all") setWish({ scope, ...notes });
    else
      setWish({ scope, from: startOfDay(zone, from), to: startOfDay(zone, nextDay(to)), ...notes });
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <fieldset>
        <legend className="mb-1 text-sm font-medium">{s.forget.what}</legend>
        <div className="flex flex-wrap gap-x-5 gap-y-2">
          {SCOPES.map((one) => (
            <label key={one} className="flex items-center gap-2 text-sm">
              <input
                type="radio"
                name="scope"
                className="size-4 accent-primary"
                checked={scope === one}
                onChange={() => setScope(one)}
              />
              {s.forget.scope(one)}
            </label>
          ))}
        </div>
      </fieldset>
      {scope === "query" ? (
        <div className="grid gap-3 sm:grid-cols-[1fr_8rem]">
          <Field
            label={s.forget.query}
            required
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
          <Field
            label={s.forget.howMany}
            type="number"
            min={1}
            max={MOST}
            required
            value={k}
            onChange={(event) => setK(event.target.valueAsNumber || 1)}
          />
        </div>
      ) : null}
      {scope === "range" ? (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field
            label={s.forget.from}
            type="date"
            required
            value={from}
            onChange={(event) => setFrom(event.target.value)}
          />
          <Field
            label={s.forget.to}
            type="date"
            required
            min={from}
            value={to}
            onChange={(event) => setTo(event.target.value)}
          />
        </div>
      ) : null}
      <Switch
        label={s.forget.notes}
        hint={s.forget.notesHint}
        isOn={hasNotes}
        onChange={setHasNotes}
      />
      <Button type="submit">{s.forget.preview}</Button>
      {wish ? (
        <Dialog title={s.forget.title} onClose={() => setWish(undefined)}>
          <ConfirmForgetting
            wish={wish}
            onCancel={() => setWish(undefined)}
            onDone={() => setWish(undefined)}
          />
        </Dialog>
      ) : null}
    </form>
  );
}
