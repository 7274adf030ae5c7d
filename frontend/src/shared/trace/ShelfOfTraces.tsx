import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Trace } from "@/shared/trace/queries";
import { type Shelf, shelfQuery } from "@/shared/trace/shelf";
import { Loaded } from "@/shared/ui/states";
import { VirtualList } from "@/shared/ui/VirtualList";

const MOST_DRAWN = 60;
const ROW_HEIGHT = 66;

interface Props {
  shelf: Shelf;
  label: string;
  empty: ReactNode;
  children: (trace: Trace) => ReactNode;
}

/** Memories of one shelf. Many of them scroll in a box of their own, of which only what is seen is drawn. */
export function ShelfOfTraces({ shelf, label, empty, children }: Props) {
  const query = useInfiniteQuery(shelfQuery(shelf));
  const loadMore = () => {
    if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
  };
  return (
    <Loaded query={query} isEmpty={(found) => found.pages[0]?.total === 0} empty={empty}>
      {(found) => {
        const traces = found.pages.flatMap((page) => page.episodes);
        const total = found.pages[0]?.total ?? 0;
        return total <= MOST_DRAWN ? (
          <ul aria-label={label}>
            {traces.map((trace) => (
              <li key={trace.trace_id}>{children(trace)}</li>
            ))}
          </ul>
        ) : (
          <VirtualList
            items={traces}
            keyOf={(trace) => trace.trace_id}
            estimate={ROW_HEIGHT}
            label={label}
            total={total}
            className="h-[28rem] max-h-[70vh]"
            onEnd={loadMore}
          >
            {children}
          </VirtualList>
        );
      }}
    </Loaded>
  );
}
