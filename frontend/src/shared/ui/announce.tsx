import { useSyncExternalStore } from "react";

/** Short messages that are shown for a while and read out: what a click has led to. */
const SHOWN_MS = 5_000;
let message = "";
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function announce(text: string): void {
  clearTimeout(timer);
  show(text);
  timer = setTimeout(() => show(""), SHOWN_MS);
}

function show(text: string): void {
  message = text;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Announcements() {
  const text = useSyncExternalStore(subscribe, () => message);
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-20 z-50 px-4 sm:bottom-6"
    >
      {text ? (
        <p className="mx-auto w-fit max-w-full rounded-lg border border-line bg-raised px-4 py-2 text-sm shadow-lg">
          {text}
        </p>
      ) : null}
    </div>
  );
}
