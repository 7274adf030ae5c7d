import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "@/shared/api/client";
import { session } from "@/shared/api/session";
import { setKnown } from "@/shared/session/known";
import { meQuery } from "@/shared/session/me";

export interface Credentials {
  email: string;
  password: string;
}

export type Way = "in" | "up";

/** Sign in, or up. The session comes as a cookie. */
export function useSigning(way: Way) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Credentials) =>
      answerOf(
        way === "in"
          ? api.POST("/auth/login", { body })
          : api.POST("/auth/signup", { body: { ...body, timezone: timezoneHere() } }),
      ),
    onSuccess: async () => {
      setKnown(true);
      session.renewed();
      await client.fetchQuery({ ...meQuery, staleTime: 0 });
    },
  });
}

/** The time zone of this browser. */
function timezoneHere(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** While the service has not ended the session, somebody is still signed in. */
export function useSigningOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answerOf(api.POST("/auth/logout")),
    onSuccess: () => {
      setKnown(false);
      session.end();
      client.clear();
    },
  });
}
