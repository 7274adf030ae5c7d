import { Link, useRouter } from "@tanstack/react-router";
import { s } from "@/shared/strings";
import { buttonClass } from "@/shared/ui/Button";
import { Empty, Failed } from "@/shared/ui/states";

export function PageMissing() {
  return (
    <main className="mx-auto max-w-xl p-6">
      <h1 className="sr-only">{s.pages.missing}</h1>
      <Empty title={s.pages.missing}>
        <Link to="/memory" className={`${buttonClass("primary")} mt-3`}>
          {s.pages.home}
        </Link>
      </Empty>
    </main>
  );
}

export function PageFailed({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <main className="mx-auto max-w-xl p-6">
      <h1 className="sr-only">{s.states.failed}</h1>
      <Failed error={error} onRetry={() => void router.invalidate()} />
    </main>
  );
}
