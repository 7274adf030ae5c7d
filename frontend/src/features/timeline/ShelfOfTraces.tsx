import { useInfiniteQuery } from "@tanstack/react-query";
import { type Shelf, shelfQuery } from "@/features/timeline/queries";
import { s } from "@/shared/strings";
import { TraceRow } from "@/shared/trace/TraceRow";
import { Empty, Loaded } from "@/shared/ui/states";
import { VirtualList } from "@/shared/ui/VirtualList";

const MOST_DRAWN = 60;
const ROW_HEIGHT = 66;

interface Props {
  shelf: Shelf;
  label: string;
}

/** Memories of one shelf. Many of them scroll in a box of their own, of which only what is seen is drawn. */
export function ShelfOfTraces({ shelf, label }: Props) {
  const query = useInfiniteQuery(shelfQuery(shelf));
  const loadMore = () => {
    if (query.hasNextPage && !query.isFetching) void query.fetchNextPage();
  };
  return (
    <div className="mt-3">
      <Loaded
        query={query}
        isEmpty={(found) => found.pages[0]?.total === 0}
        empty={<Empty title={s.timeline.gone} />}
      >
        {(found) => {
          const traces = found.pages.flatMap((page) => page.episodes);
          return (found.pages[0]?.total ?? 0) <= MOST_DRAWN ? (
            <ul aria-label={label}>
              {traces.map((trace) => (
                <li key={trace.trace_id}>
                  <TraceRow trace={trace} isWithinDay />
                </li>
              ))}
            </ul>
          ) : (
            <VirtualList
              items={traces}
              keyOf={(trace) => trace.trace_id}
              estimate={ROW_HEIGHT}
              label={label}
              className="h-[28rem] max-h-[70vh]"
              onEnd={loadMore}
            >
              {(trace) => <TraceRow trace={trace} isWithinDay />}
            </VirtualList>
          );
        }}
      </Loaded>
    </div>
  );
}
