import { useQuery } from "@tanstack/react-query";
import { answerOf, api, type Schemas } from "@/shared/api/client";
import { bytes, count } from "@/shared/lib/numbers";
import { s } from "@/shared/strings";
import { MEMORY } from "@/shared/trace/queries";
import { Bar } from "@/shared/ui/Bar";
import { Panel } from "@/shared/ui/Panel";
import { Loaded } from "@/shared/ui/states";

type Stats = Schemas["StatsOut"];
type Storage = Schemas["StorageOut"];

/** How much there is, where it is held, and how much room it takes. */
export function StoragePanel() {
  const stats = useQuery({
    queryKey: [MEMORY, "stats"],
    queryFn: ({ signal }) => answerOf(api.GET("/memory/stats", { signal })),
    refetchInterval: 10_000,
  });
  const storage = useQuery({
    queryKey: [MEMORY, "storage"],
    queryFn: ({ signal }) => answerOf(api.GET("/memory/storage", { signal })),
  });
  return (
    <div className="grid gap-4 lg:grid-cols-2">
      <Panel title={s.storage.yours}>
        <Loaded query={stats}>{(found) => <Numbers told={statsTold(found)} />}</Loaded>
      </Panel>
      <Panel title={s.storage.tiers}>
        <Loaded query={storage}>{(found) => <Tiers storage={found} />}</Loaded>
      </Panel>
      <Panel title={s.storage.room} className="lg:col-span-2">
        <Loaded query={storage}>
          {(found) => (
            <>
              <Numbers
                told={[
                  [s.storage.tables, bytes(found.table_bytes)],
                  [s.storage.indexes, bytes(found.index_bytes)],
                ]}
              />
              <p className="mt-2 text-sm text-muted">{s.storage.roomHint}</p>
            </>
          )}
        </Loaded>
      </Panel>
    </div>
  );
}

function statsTold(stats: Stats): [string, string][] {
  return [
    [s.storage.traces, count(stats.traces)],
    [s.storage.salience, stats.mean_salience?.toFixed(2) ?? "–"],
    [
      s.storage.workingMemory,
      stats.working_memory === null ? s.storage.redisDown : count(stats.working_memory),
    ],
    [s.storage.pending, count(stats.pending_embeddings)],
  ];
}

function Numbers({ told }: { told: [string, string][] }) {
  return (
    <dl className="grid gap-3 sm:grid-cols-2">
      {told.map(([name, value]) => (
        <div key={name}>
          <dt className="text-sm text-muted">{name}</dt>
          <dd className="text-xl font-semibold tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Tiers({ storage }: { storage: Storage }) {
  const all = storage.tiers.reduce((sum, tier) => sum + tier.traces, 0);
  if (all === 0) return <p className="text-sm text-muted">{s.storage.noTiers}</p>;
  return (
    <ul className="space-y-4">
      {storage.tiers.map((tier) => (
        <li key={tier.name}>
          <p className="flex justify-between text-sm">
            <span className="font-medium">{s.storage.tier(tier.name)}</span>
            <span className="text-muted">{s.storage.tierHolds(tier.traces, tier.vectors)}</span>
          </p>
          <div className="mt-1">
            <Bar part={tier.traces / all} tone={tier.name === "hot" ? "teal" : "blue"} />
          </div>
        </li>
      ))}
    </ul>
  );
}
