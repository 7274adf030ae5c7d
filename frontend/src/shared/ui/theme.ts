import { useSyncExternalStore } from "react";

export type Theme = "dark" | "light";

const KEY = "sara.theme";
const listeners = new Set<() => void>();

/** Dark, unless this browser was told otherwise. */
export function theme(): Theme {
  return localStorage.getItem(KEY) === "light" ? "light" : "dark";
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme();
}

export function setTheme(wanted: Theme): void {
  localStorage.setItem(KEY, wanted);
  applyTheme();
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, theme);
}
