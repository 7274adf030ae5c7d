import { onlineManager } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { s } from "@/shared/strings";

export function useIsOnline(): boolean {
  return useSyncExternalStore(
    (listener) => onlineManager.subscribe(listener),
    () => onlineManager.isOnline(),
  );
}

/** Says that there is no network, while there is none. */
export function OfflineBanner() {
  const isOnline = useIsOnline();
  return (
    <div role="status">
      {isOnline ? null : (
        <p className="border-b border-line bg-raised px-4 py-2 text-center text-sm">
          {s.states.offline} {s.states.offlineHint}
        </p>
      )}
    </div>
  );
}
