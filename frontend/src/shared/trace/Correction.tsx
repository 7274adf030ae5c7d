import { type FormEvent, useId, useState } from "react";
import { s } from "@/shared/strings";
import { type Trace, useCorrection } from "@/shared/trace/queries";
import { announce } from "@/shared/ui/announce";
import { Button } from "@/shared/ui/Button";
import { INPUT } from "@/shared/ui/Field";
import { ErrorLine } from "@/shared/ui/states";

/** Put right what a memory says. */
export function Correction({ trace, onDone }: { trace: Trace; onDone: () => void }) {
  const id = useId();
  const [content, setContent] = useState(trace.content);
  const correction = useCorrection(trace.trace_id);
  const isSame = content.trim() === "" || content === trace.content;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    correction.mutate(
      { content },
      {
        onSuccess: () => {
          announce(s.trace.corrected);
          onDone();
        },
      },
    );
  };
  return (
    <form onSubmit={submit} className="space-y-3">
      <label htmlFor={id} className="block text-sm font-medium">
        {s.trace.shouldSay}
      </label>
      <textarea
        id={id}
        className={INPUT}
        rows={6}
        value={content}
        onChange={(event) => setContent(event.target.value)}
      />
      <p className="text-sm text-muted">{s.trace.correctHint}</p>
      <ErrorLine error={correction.error} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>{s.actions.cancel}</Button>
        <Button type="submit" look="primary" disabled={isSame} isBusy={correction.isPending}>
          {s.trace.saveCorrection}
        </Button>
      </div>
    </form>
  );
}
