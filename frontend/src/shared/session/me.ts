import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { session } from "@/shared/api/session";

export type Me = Schemas["UserOut"];

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }): Promise<Me> => {
    const me = await answerOf(api.GET("/auth/me", { signal }));
    session.begin();
    return me;
  },
  staleTime: 60_000,
});

/** Who is signed in; only below the shell, which has looked. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** The zone in which this person's days begin and end. */
export function useZone(): string {
  return useQuery(meQuery).data?.timezone ?? "UTC";
}
