import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { meQuery } from "@/shared/session/me";

/** Change time zone, password, or whether anything is remembered. */
export function useAccountChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Schemas["AccountChanges"]) => answerOf(api.PATCH("/auth/me", { body })),
    onSuccess: async (_told, changes) => {
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
      if (changes.timezone) await client.invalidateQueries({ queryKey: ["memory"] });
    },
  });
}

export function useErasing() {
  return useMutation({
    mutationFn: (password: string) => answerOf(api.DELETE("/auth/me", { body: { password } })),
  });
}
