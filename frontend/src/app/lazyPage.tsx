import { lazyRouteComponent } from "@tanstack/react-router";
import { type ComponentType, useEffect, useState } from "react";
import { answerOf, api } from "@/shared/api/client";
import { Unreachable } from "@/shared/api/problem";
import { Failed, Loading } from "@/shared/ui/states";

type Load = () => Promise<ComponentType>;

/**
 * A page whose script is loaded when it is first shown. The router takes a script that does not come for
 * one of an older build and loads the app anew, which is right where the service answers. Where it does
 * not, the app would be gone, so the page says that and can be tried again, and the same is done then.
 */
export function lazyPage(load: Load) {
  return lazyRouteComponent(async () => {
    try {
      return { default: await load() };
    } catch (error) {
      if (await isThere()) throw error;
      return { default: () => <Later load={load} /> };
    }
  });
}

function Later({ load }: { load: Load }) {
  const [tries, setTries] = useState(0);
  const [Page, setPage] = useState<ComponentType>();
  const [error, setError] = useState<unknown>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each try loads again
  useEffect(() => {
    setError(undefined);
    load().then(
      (page) => setPage(() => page),
      async () => ((await isThere()) ? window.location.reload() : setError(new Unreachable())),
    );
  }, [load, tries]);
  if (Page) return <Page />;
  return error ? <Failed error={error} onRetry={() => setTries(tries + 1)} /> : <Loading />;
}

async function isThere(): Promise<boolean> {
  return answerOf(api.GET("/health")).then(
    () => true,
    () => false,
  );
}
