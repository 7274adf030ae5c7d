import { useQuery } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { s } from "@/shared/strings";
import { Loaded } from "@/shared/ui/states";

type Told = Schemas["MemorySettingsOut"];

/** How the service keeps memories: to be read, each value with what it means. */
export function MemorySettings() {
  const settings = useQuery({
    queryKey: ["memory-settings"],
    queryFn: ({ signal }) => answerOf(api.GET("/memory/settings", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Loaded query={settings}>
      {(found) => (
        <dl className="divide-y divide-line/60">
          {(Object.keys(s.settings.memoryMeaning) as (keyof Told)[]).map((name) => (
            <div key={name} className="grid gap-x-4 py-2 sm:grid-cols-[12rem_1fr]">
              <dt className="text-sm font-medium">{s.settings.memoryMeaning[name].label}</dt>
              <dd className="text-sm">
                <span className="font-semibold text-teal">{String(found[name])}</span>
                <span className="block text-muted">{s.settings.memoryMeaning[name].meaning}</span>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Loaded>
  );
}
