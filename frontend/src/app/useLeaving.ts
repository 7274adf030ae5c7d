import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useSigningOut } from "@/features/auth/queries";
import { draftCount } from "@/features/notes/drafts";
import { giveUpUnsaved, saveAllNotes } from "@/features/notes/unsaved";
import { session } from "@/shared/api/session";
import { s } from "@/shared/strings";
import { announce } from "@/shared/ui/announce";
import { told } from "@/shared/ui/states";

/** Signing out, which asks first when notes would be lost by it. */
export function useLeaving() {
  const navigate = useNavigate();
  const signingOut = useSigningOut();
  const [unsaved, setUnsaved] = useState(0);
  const signOut = () =>
    signingOut.mutate(undefined, {
      onSuccess: () => {
        giveUpUnsaved();
        void navigate({ to: "/sign-in" });
      },
      onError: (error) => announce(`${s.auth.stillSignedIn} ${told(error)}`),
    });
  const leave = async () => {
    signingOut.reset();
    // With a session that has run out nothing can be saved: it would wait for a new one.
    const lost = session.isExpired() ? draftCount() : await saveAllNotes();
    if (lost > 0) setUnsaved(lost);
    else signOut();
  };
  return { leave, unsaved, stay: () => setUnsaved(0), signOut, signingOut };
}
