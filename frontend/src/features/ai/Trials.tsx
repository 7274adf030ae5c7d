import { useMutation } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";
import { ErrorLine } from "@/shared/ui/states";

type Trial = Schemas["TrialOut"];

/** Calls both models and says what came of it. */
export function Trials() {
  const trying = useMutation({ mutationFn: () => answerOf(api.POST("/settings/ai/test")) });
  return (
    <div>
      <Button isBusy={trying.isPending} onClick={() => trying.mutate()}>
        {trying.isPending ? s.ai.testing : s.ai.test}
      </Button>
      <p className="mt-1 text-sm text-muted">{s.ai.testHint}</p>
      <div role="status" className="mt-3 space-y-2">
        {trying.data ? (
          <>
            <Outcome name={s.ai.llm} trial={trying.data.llm} />
            <Outcome name={s.ai.embedding} trial={trying.data.embedding} />
          </>
        ) : null}
      </div>
      <ErrorLine error={trying.error} />
    </div>
  );
}

function Outcome({ name, trial }: { name: string; trial: Trial }) {
  const tone = { ok: "text-teal", error: "text-danger", off: "text-muted" }[trial.status];
  return (
    <p className="text-sm">
      <span className="font-medium">{name}: </span>
      <span className={`font-semibold ${tone}`}>{s.ai.status(trial.status)}</span>
      {trial.latency_ms ? (
        <span className="text-muted"> · {s.ai.took(trial.latency_ms)}</span>
      ) : null}
      <span className="block text-muted">{trial.message}</span>
    </p>
  );
}
