import type { useLeaving } from "@/app/useLeaving";
import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { ErrorLine } from "@/shared/ui/states";

/** Asks whether somebody signs out although that loses notes. */
export function UnsavedNotes({
  unsaved,
  stay,
  signOut,
  signingOut,
}: ReturnType<typeof useLeaving>) {
  if (unsaved === 0) return null;
  return (
    <Dialog title={s.auth.unsaved(unsaved)} onClose={stay}>
      <p className="mb-4 text-sm text-muted">{s.auth.unsavedHint}</p>
      <ErrorLine error={signingOut.error} />
      <div className="flex justify-end gap-2">
        <Button data-first onClick={stay}>
          {s.auth.stay}
        </Button>
        <Button look="danger" isBusy={signingOut.isPending} onClick={signOut}>
          {s.auth.loseUnsaved(unsaved)}
        </Button>
      </div>
    </Dialog>
  );
}
