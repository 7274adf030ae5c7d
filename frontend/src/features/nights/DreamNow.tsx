import { useDreaming } from "@/features/nights/queries";
import { s } from "@/shared/strings";
import { announce } from "@/shared/ui/announce";
import { Button } from "@/shared/ui/Button";
import { ErrorLine } from "@/shared/ui/states";

/** For administrators: the night falls now. */
export function DreamNow() {
  const dreaming = useDreaming();
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button
        look="primary"
        isBusy={dreaming.isPending}
        onClick={() =>
          dreaming.mutate(undefined, {
            onSuccess: (told) => announce(s.nights.dreamt("runs" in told ? told.runs.length : 0)),
          })
        }
      >
        {dreaming.isPending ? s.nights.dreaming : s.nights.dreamNow}
      </Button>
      <ErrorLine error={dreaming.error} />
    </div>
  );
}
