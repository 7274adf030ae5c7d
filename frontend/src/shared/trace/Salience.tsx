import { useId, useState } from "react";
import { s } from "@/shared/strings";
import { type Trace, useCorrection } from "@/shared/trace/queries";
import { announce } from "@/shared/ui/announce";
import { Button } from "@/shared/ui/Button";
import { ErrorLine } from "@/shared/ui/states";

/** How much a memory matters, to be said differently. */
export function Salience({ trace }: { trace: Trace }) {
  const id = useId();
  const [value, setValue] = useState(trace.salience);
  const correction = useCorrection(trace.trace_id);
  const save = () =>
    correction.mutate({ salience: value }, { onSuccess: () => announce(s.trace.salienceSaved) });
  const isChanged = Math.abs(value - trace.salience) > 0.004;
  return (
    <div>
      <label htmlFor={id} className="flex justify-between text-sm font-medium">
        {s.trace.salience}
        <output htmlFor={id} className="text-muted">
          {value.toFixed(2)}
        </output>
      </label>
      <div className="flex items-center gap-3">
        <input
          id={id}
          type="range"
          min={0}
          max={1}
          step={0.01}
          value={value}
          onChange={(event) => setValue(event.target.valueAsNumber)}
          className="h-6 min-w-0 flex-1 accent-teal"
        />
        <Button disabled={!isChanged} isBusy={correction.isPending} onClick={save}>
          {s.actions.save}
        </Button>
      </div>
      <p className="text-sm text-muted">{s.trace.salienceHint}</p>
      <ErrorLine error={correction.error} />
    </div>
  );
}
