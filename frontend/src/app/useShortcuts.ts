import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";

const WRITES = "input, textarea, select, [contenteditable]";

/** `/` goes to the search box of the page, or to the search page when it has none. */
export function useShortcuts(): void {
  const navigate = useNavigate();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isWriting = event.target instanceof Element && event.target.closest(WRITES) !== null;
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (event.key !== "/" || isWriting || !isPlain || document.querySelector("dialog[open]"))
        return;
      event.preventDefault();
      const box = document.querySelector<HTMLInputElement>("[data-shortcut='/']");
      if (box) box.focus();
      else void navigate({ to: "/search" });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate]);
}
