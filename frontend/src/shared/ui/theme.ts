import { useSyncExternalStore } from "react";

export type Theme = "dark" | "light";

const KEY = "sara.theme";
const systemIsLight = window.matchMedia("(prefers-color-scheme: light)");
const listeners = new Set<() => void>();

/** What was chosen in this browser, else what the system prefers. */
export function theme(): Theme {
  const chosen = localStorage.getItem(KEY);
  if (chosen === "light" || chosen === "dark") return chosen;
  return systemIsLight.matches ? "light" : "dark";
}

/** From now on, also when the system changes its mind. */
export function followTheme(): void {
  applyTheme();
  systemIsLight.addEventListener("change", applyTheme);
}

export function setTheme(wanted: Theme): void {
  localStorage.setItem(KEY, wanted);
  applyTheme();
}

function applyTheme(): void {
  document.documentElement.dataset.theme = theme();
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, theme);
}
