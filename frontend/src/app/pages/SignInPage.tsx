import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useTitle } from "@/app/useTitle";
import { SignIn } from "@/features/auth/SignIn";
import { s } from "@/shared/strings";

const route = getRouteApi("/sign-in");

export function SignInPage() {
  useTitle(s.auth.signIn);
  const { next } = route.useSearch();
  const router = useRouter();
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-sm">
        <div className="mb-6 text-center">
          <img src="/app/sara.svg" alt="" className="mx-auto mb-3 size-14" />
          <p className="text-lg font-semibold">{s.name}</p>
          <p className="text-sm text-muted">{s.motto}</p>
        </div>
        <div className="rounded-2xl border border-line bg-panel p-6">
          <SignIn onSignedIn={() => router.history.push(next ?? "/app/memory")} />
        </div>
      </div>
    </main>
  );
}
