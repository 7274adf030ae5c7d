import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { s } from "@/shared/strings";
import { Counts } from "@/shared/trace/Counts";
import {
  type Preview,
  previewOf,
  type Tombstone,
  useForgetting,
  type Wish,
} from "@/shared/trace/queries";
import { WouldGo } from "@/shared/trace/WouldGo";
import { Button } from "@/shared/ui/Button";
import { ErrorLine, Loaded } from "@/shared/ui/states";

/** Where all memories have faded for good, summaries and names may still tell of them. */
function holdsAnything({ counts }: Preview): boolean {
  return Object.values(counts).some((number) => number > 0);
}

interface Props {
  wish: Wish;
  onCancel: () => void;
  onDone: () => void;
}

/** What would go, whether it really shall, and then the tombstone. A single memory is shown by its page. */
export function ConfirmForgetting({ wish, onCancel, onDone }: Props) {
  const forgetting = useForgetting();
  const [tombstone, setTombstone] = useState<Tombstone>();
  const preview = useQuery({
    queryKey: ["forget", wish],
    queryFn: () => previewOf(wish),
    enabled: forgetting.isIdle,
    staleTime: 0,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });
  if (tombstone) {
    return (
      <div role="status" className="mt-4 space-y-3">
        <p className="font-medium">{s.forget.gone}</p>
        <Counts counts={tombstone.counts} />
        <p className="text-sm text-muted">{s.forget.tombstone(tombstone.id)}</p>
        <Button look="primary" onClick={onDone}>
          {s.actions.close}
        </Button>
      </div>
    );
  }
  return (
    <div className="mt-4 space-y-3">
      <Loaded query={preview}>
        {(found) =>
          holdsAnything(found) ? (
            <>
              <p className="font-medium">{s.forget.wouldGo}</p>
              <Counts counts={found.counts} />
              {found.scope !== "trace" && found.trace_ids.length > 0 ? (
                <WouldGo ids={found.trace_ids} total={found.counts.traces ?? 0} />
              ) : null}
              <p className="text-sm text-muted">{s.forget.forGood}</p>
              <ErrorLine error={forgetting.error} />
              <div className="flex justify-end gap-2">
                <Button onClick={onCancel}>{s.actions.cancel}</Button>
                <Button
                  look="danger"
                  isBusy={forgetting.isPending}
                  onClick={() => forgetting.mutate(wish, { onSuccess: setTombstone })}
                >
                  {s.forget.confirm}
                </Button>
              </div>
            </>
          ) : (
            <>
              <p>{s.forget.nothing}</p>
              <Button onClick={onCancel}>{s.actions.back}</Button>
            </>
          )
        }
      </Loaded>
    </div>
  );
}
