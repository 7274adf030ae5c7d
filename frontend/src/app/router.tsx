import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  redirect,
} from "@tanstack/react-router";
import { lazyPage } from "@/app/lazyPage";
import { PageFailed, PageMissing } from "@/app/PageProblem";
import { Memory } from "@/app/pages/Memory";
import { Recall } from "@/app/pages/Recall";
import { SignInPage } from "@/app/pages/SignInPage";
import { Timeline } from "@/app/pages/Timeline";
import { Shell } from "@/app/Shell";
import { recallSearch, searchSearch, shellSearch, signInSearch } from "@/app/search";
import { Problem } from "@/shared/api/problem";
import { isKnown, setKnown } from "@/shared/session/known";
import { meQuery } from "@/shared/session/me";
import { Loading } from "@/shared/ui/states";

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  notFoundComponent: PageMissing,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: signInSearch,
  component: SignInPage,
});

const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  validateSearch: shellSearch,
  beforeLoad: async ({ context, location }) => {
    const leave = () => redirect({ to: "/sign-in", search: { next: location.publicHref } });
    if (!isKnown()) throw leave();
    try {
      await context.queryClient.ensureQueryData(meQuery);
    } catch (error) {
      if (!(error instanceof Problem && error.status === 401)) throw error;
      setKnown(false);
      throw leave();
    }
  },
  component: Shell,
  errorComponent: PageFailed,
});

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/memory" });
  },
});

const memory = createRoute({
  getParentRoute: () => shell,
  path: "/memory",
  component: Memory,
});

const memoryPages = [
  createRoute({ getParentRoute: () => memory, path: "/", component: Timeline }),
  createRoute({
    getParentRoute: () => memory,
    path: "/recall",
    validateSearch: recallSearch,
    component: Recall,
  }),
  createRoute({
    getParentRoute: () => memory,
    path: "/graph",
    component: lazyPage(async () => (await import("@/app/pages/Graph")).Graph),
  }),
  createRoute({
    getParentRoute: () => memory,
    path: "/insights",
    component: lazyPage(async () => (await import("@/app/pages/Insights")).Insights),
  }),
  createRoute({
    getParentRoute: () => memory,
    path: "/nights",
    component: lazyPage(async () => (await import("@/app/pages/Nights")).Nights),
  }),
  createRoute({
    getParentRoute: () => memory,
    path: "/forgetting",
    component: lazyPage(async () => (await import("@/app/pages/Forgetting")).Forgetting),
  }),
  createRoute({
    getParentRoute: () => memory,
    path: "/storage",
    component: lazyPage(async () => (await import("@/app/pages/Storage")).Storage),
  }),
] as const;

const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  component: lazyPage(async () => (await import("@/app/pages/Settings")).Settings),
});

const search = createRoute({
  getParentRoute: () => shell,
  path: "/search",
  validateSearch: searchSearch,
  component: lazyPage(async () => (await import("@/app/pages/Search")).Search),
});

const notes = createRoute({
  getParentRoute: () => shell,
  path: "/notes",
  component: lazyPage(async () => (await import("@/app/pages/Notes")).Notes),
});

const note = createRoute({
  getParentRoute: () => notes,
  path: "$noteId",
  component: lazyPage(async () => (await import("@/app/pages/NotePage")).NotePage),
});

const noNote = createRoute({
  getParentRoute: () => notes,
  path: "/",
  component: lazyPage(async () => (await import("@/app/pages/NoNote")).NoNote),
});

const routeTree = root.addChildren([
  signIn,
  shell.addChildren([
    home,
    memory.addChildren(memoryPages),
    notes.addChildren([note, noNote]),
    search,
    settings,
  ]),
]);

export function newRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    basepath: "/app",
    context: { queryClient },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: Loading,
    defaultErrorComponent: PageFailed,
    scrollRestoration: true,
  });
}
