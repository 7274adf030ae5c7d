import { Link } from "@tanstack/react-router";
import { s } from "@/shared/strings";
import { buttonClass } from "@/shared/ui/Button";

/** The way to everything that is known about a memory; the page behind stays as it is. */
export function OpenTrace({ id, content }: { id: string; content: string }) {
  return (
    <Link
      to="."
      search={(old) => ({ ...old, trace: id })}
      resetScroll={false}
      className={`${buttonClass("quiet")} h-9 shrink-0`}
      aria-label={s.trace.openNamed(content)}
    >
      {s.trace.open}
    </Link>
  );
}
