import { useEffect } from "react";
import { s } from "@/shared/strings";

/** What the tab and a screen reader call the page. */
export function useTitle(page: string): void {
  useEffect(() => {
    document.title = `${page} · ${s.name}`;
  }, [page]);
}
