import { Link } from "@tanstack/react-router";
import { type KeyboardEvent, useRef } from "react";
import { Marked } from "@/features/search/Marked";
import type { Hit } from "@/features/search/queries";
import { momentIn } from "@/shared/lib/dates";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";

export const HITS = "hits";

/** Puts the keyboard on the first result. */
export function focusFirstHit(): void {
  document.querySelector<HTMLElement>(`#${HITS} a`)?.focus();
}

/** Results; arrows go up and down, from the first one back to the box. */
export function Hits({ hits }: { hits: readonly Hit[] }) {
  const list = useRef<HTMLOListElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const links = [...(list.current?.querySelectorAll("a") ?? [])];
    const next = links.indexOf(document.activeElement as HTMLAnchorElement) + step;
    if (next < 0) document.querySelector<HTMLElement>("[data-shortcut='/']")?.focus();
    else links[next]?.focus();
  };
  return (
    <ol id={HITS} ref={list} onKeyDown={onKeyDown} className="space-y-2">
      {hits.map((hit) => (
        <li key={`${hit.kind}${hit.id}`}>
          <HitLink hit={hit} />
        </li>
      ))}
    </ol>
  );
}

const CARD =
  "block rounded-xl border border-line bg-panel p-3 hover:border-teal focus-visible:border-teal";

function HitLink({ hit }: { hit: Hit }) {
  return hit.kind === "notes" ? (
    <Link to="/notes/$noteId" params={{ noteId: hit.id }} className={CARD}>
      <HitText hit={hit} />
    </Link>
  ) : (
    <Link to="." search={(old) => ({ ...old, trace: hit.id })} resetScroll={false} className={CARD}>
      <HitText hit={hit} />
    </Link>
  );
}

function HitText({ hit }: { hit: Hit }) {
  const zone = useZone();
  return (
    <>
      <span className="flex flex-wrap gap-x-2 text-xs text-muted">
        <span>{s.search.one(hit.kind)}</span>
        <time dateTime={hit.created_at}>{momentIn(zone, hit.created_at)}</time>
      </span>
      {hit.title ? (
        <span className="block font-medium">
          <Marked text={hit.title} found={hit.title_highlights} />
        </span>
      ) : null}
      <span className="mt-0.5 line-clamp-3 text-sm whitespace-pre-line">
        <Marked text={hit.snippet} found={hit.highlights} />
      </span>
    </>
  );
}
