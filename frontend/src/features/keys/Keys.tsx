import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { NewKey } from "@/features/keys/NewKey";
import { answerOf, api } from "@/shared/api/client";
import { momentIn } from "@/shared/lib/dates";
import { useZone } from "@/shared/session/me";
import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";
import { Empty, ErrorLine, Loaded } from "@/shared/ui/states";

const KEYS = ["keys"];

/** API keys for agents. */
export function Keys() {
  const zone = useZone();
  const client = useQueryClient();
  const [isMaking, setMaking] = useState(false);
  const keys = useQuery({
    queryKey: KEYS,
    queryFn: ({ signal }) => answerOf(api.GET("/auth/keys", { signal })),
  });
  const again = () => client.invalidateQueries({ queryKey: KEYS });
  const removing = useMutation({
    mutationFn: (id: string) =>
      answerOf(api.DELETE("/auth/keys/{key_id}", { params: { path: { key_id: id } } })),
    onSuccess: again,
  });
  return (
    <div className="space-y-4">
      <Loaded
        query={keys}
        isEmpty={(found) => found.keys.length === 0}
        empty={<Empty title={s.keys.nothing}>{s.keys.nothingHint}</Empty>}
      >
        {(found) => (
          <ul className="divide-y divide-line/60">
            {found.keys.map((key) => (
              <li key={key.id} className="flex flex-wrap items-center gap-3 py-2">
                <div className="min-w-0 flex-1">
                  <p className="font-medium">{key.name}</p>
                  <p className="text-sm text-muted">
                    {key.scopes.map(s.keys.scope).join(", ")}
                    {" · "}
                    {key.last_used_at
                      ? s.keys.used(momentIn(zone, key.last_used_at))
                      : s.keys.neverUsed}
                  </p>
                </div>
                <Button
                  aria-label={s.keys.removeNamed(key.name)}
                  isBusy={removing.isPending && removing.variables === key.id}
                  onClick={() => removing.mutate(key.id)}
                >
                  {s.keys.remove}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <ErrorLine error={removing.error} />
      <Button onClick={() => setMaking(true)}>{s.keys.make}</Button>
      {isMaking ? <NewKey onClose={() => setMaking(false)} onMade={again} /> : null}
    </div>
  );
}
