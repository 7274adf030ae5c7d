import { Link, Outlet, useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { recallSearch } from "@/app/search";
import { RecallBox } from "@/features/recall/RecallBox";
import { s } from "@/shared/strings";

const TABS = [
  { to: "/memory", label: s.memory.timeline, isExact: true },
  { to: "/memory/recall", label: s.memory.recall },
  { to: "/memory/graph", label: s.memory.graph },
  { to: "/memory/insights", label: s.memory.insights },
  { to: "/memory/nights", label: s.memory.nights },
  { to: "/memory/forgetting", label: s.memory.forgetting },
  { to: "/memory/storage", label: s.memory.storage },
];

/** The memory: a question at the top, and below it one of the ways to look at it. */
export function Memory() {
  const raw = useSearch({ strict: false }) as Record<string, unknown>;
  const { q = "", k = 10, when = "" } = recallSearch(raw);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const tabs = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the open tab is another one then
  useEffect(() => {
    const open = tabs.current?.querySelector("[aria-current]");
    open?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [pathname]);
  return (
    <>
      <h1 className="sr-only">{s.nav.memory}</h1>
      <RecallBox
        asked={{ q, k, when }}
        onAsk={(asked) =>
          navigate({
            to: "/memory/recall",
            search: { q: asked.q, k: asked.k, ...(asked.when ? { when: asked.when } : {}) },
          })
        }
      />
      <nav
        ref={tabs}
        aria-label={s.memory.views}
        className="-mx-4 mt-4 mb-4 overflow-x-auto border-b border-line px-4 sm:mx-0 sm:px-0"
      >
        <ul className="flex gap-1 whitespace-nowrap">
          {TABS.map(({ to, label, isExact = false }) => (
            <li key={to}>
              <Link
                to={to}
                activeOptions={{ exact: isExact, includeSearch: false }}
                className="block border-b-2 px-3 py-2 text-sm font-medium"
                activeProps={{ className: "border-teal text-teal" }}
                inactiveProps={{ className: "border-transparent text-muted hover:text-ink" }}
              >
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Outlet />
    </>
  );
}
