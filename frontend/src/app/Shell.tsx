import { getRouteApi, Link, Outlet, useNavigate } from "@tanstack/react-router";
import { UnsavedNotes } from "@/app/UnsavedNotes";
import { useLeaving } from "@/app/useLeaving";
import { useShortcuts } from "@/app/useShortcuts";
import { RenewSession } from "@/features/auth/RenewSession";
import { useMe } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { TraceDialog } from "@/shared/trace/TraceDialog";
import { Announcements } from "@/shared/ui/announce";
import { Icon, type IconName } from "@/shared/ui/Icon";
import { OfflineBanner } from "@/shared/ui/OfflineBanner";
import { ThemeButton } from "@/shared/ui/ThemeButton";

const route = getRouteApi("/shell");

const PAGES: { to: string; label: string; icon: IconName }[] = [
  { to: "/memory", label: s.nav.memory, icon: "memory" },
  { to: "/notes", label: s.nav.notes, icon: "notes" },
  { to: "/search", label: s.nav.search, icon: "search" },
  { to: "/settings", label: s.nav.settings, icon: "settings" },
];

/** What is around every page: the way to the others, and what may be opened over it. */
export function Shell() {
  const { trace } = route.useSearch();
  const me = useMe();
  const navigate = useNavigate();
  const leaving = useLeaving();
  const leave = () => void leaving.leave();
  useShortcuts();
  const closeTrace = () => {
    void navigate({ to: ".", search: ({ trace: _, ...rest }) => rest, resetScroll: false });
  };
  return (
    <div className="min-h-dvh sm:pl-52">
      <a
        href="#page"
        className="sr-only z-50 rounded-lg bg-primary px-3 py-2 text-white focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {s.nav.skip}
      </a>
      <header className="fixed inset-y-0 left-0 z-20 hidden w-52 flex-col border-r border-line bg-panel p-3 sm:flex">
        <Brand />
        <nav aria-label={s.nav.label} className="mt-4 flex flex-1 flex-col gap-1">
          {PAGES.map((page) => (
            <NavLink key={page.to} {...page} />
          ))}
        </nav>
        <p className="truncate px-2 text-xs text-muted" title={me.email}>
          {me.email}
        </p>
        <div className="mt-1 flex items-center justify-between">
          <ThemeButton />
          <SignOut onClick={leave} />
        </div>
      </header>
      <header className="flex items-center justify-between border-b border-line px-4 py-2 sm:hidden">
        <Brand />
        <div className="flex">
          <ThemeButton />
          <SignOut onClick={leave} />
        </div>
      </header>
      <OfflineBanner />
      <main id="page" tabIndex={-1} className="mx-auto max-w-6xl p-4 pb-24 outline-none sm:p-6">
        <Outlet />
      </main>
      <nav
        aria-label={s.nav.label}
        className="fixed inset-x-0 bottom-0 z-20 grid grid-cols-4 border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] sm:hidden"
      >
        {PAGES.map((page) => (
          <NavLink key={page.to} {...page} isBelow />
        ))}
      </nav>
      {trace ? <TraceDialog key={trace} id={trace} onClose={closeTrace} /> : null}
      <RenewSession email={me.email} onLeave={leave} leaveError={leaving.signingOut.error} />
      <UnsavedNotes {...leaving} />
      <Announcements />
    </div>
  );
}

function Brand() {
  return (
    <p className="flex items-center gap-2 px-1 font-semibold">
      <img src="/app/sara.svg" alt="" className="size-7" />
      {s.name}
    </p>
  );
}

interface NavLinkProps {
  to: string;
  label: string;
  icon: IconName;
  isBelow?: boolean;
}

function NavLink({ to, label, icon, isBelow = false }: NavLinkProps) {
  const shape = isBelow
    ? "flex-col gap-0.5 py-2 text-xs"
    : "gap-3 rounded-lg px-3 py-2 text-sm hover:bg-raised";
  return (
    <Link
      to={to}
      className={`flex items-center font-medium ${shape}`}
      activeProps={{ className: isBelow ? "text-teal" : "bg-raised text-teal" }}
      inactiveProps={{ className: "text-muted" }}
    >
      <Icon name={icon} />
      {label}
    </Link>
  );
}

function SignOut({ onClick }: { onClick: () => void }) {
  return (
    <button
      type="button"
      onClick={onClick}
      aria-label={s.auth.signOut}
      title={s.auth.signOut}
      className="rounded-lg p-2 text-muted hover:bg-raised hover:text-ink"
    >
      <Icon name="out" />
    </button>
  );
}
