import { useState } from "react";
import { dropDraft } from "@/features/notes/drafts";
import { type Note, useNoteDeletion } from "@/features/notes/queries";
import { s } from "@/shared/strings";
import { announce } from "@/shared/ui/announce";
import { Button } from "@/shared/ui/Button";
import { Dialog } from "@/shared/ui/Dialog";
import { ErrorLine } from "@/shared/ui/states";

export function DeleteNote({ note, onDeleted }: { note: Note; onDeleted: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const deletion = useNoteDeletion();
  const remove = () =>
    deletion.mutate(note.id, {
      onSuccess: () => {
        dropDraft(note.id);
        announce(s.notes.deleted);
        onDeleted();
      },
    });
  return (
    <>
      <Button onClick={() => setAsking(true)}>{s.notes.remove}</Button>
      {isAsking ? (
        <Dialog title={s.notes.removeTitle(note.title)} onClose={() => setAsking(false)}>
          <p className="mb-4 text-sm text-muted">{s.notes.removeHint}</p>
          <ErrorLine error={deletion.error} />
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsking(false)}>{s.actions.cancel}</Button>
            <Button look="danger" isBusy={deletion.isPending} onClick={remove}>
              {s.notes.removeConfirm}
            </Button>
          </div>
        </Dialog>
      ) : null}
    </>
  );
}
