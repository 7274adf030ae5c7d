import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { DayCard } from "@/features/timeline/DayCard";
import { type Day, timelineQuery } from "@/features/timeline/queries";
import { count } from "@/shared/lib/numbers";
import { s } from "@/shared/strings";
import { Empty, Loaded } from "@/shared/ui/states";
import { WindowList } from "@/shared/ui/WindowList";

const CLOSED_HEIGHT = 148;

/** The days of a memory, latest first, loaded as they are read. */
export function DayList() {
  const timeline = useInfiniteQuery(timelineQuery);
  return (
    <Loaded
      query={timeline}
      isEmpty={(found) => found.pages[0]?.total === 0}
      empty={<Empty title={s.timeline.nothing}>{s.timeline.nothingHint}</Empty>}
    >
      {(found) => (
        <Days
          days={found.pages.flatMap((page) => page.days)}
          total={found.pages[0]?.total ?? 0}
          onEnd={() => {
            if (timeline.hasNextPage && !timeline.isFetching) void timeline.fetchNextPage();
          }}
        />
      )}
    </Loaded>
  );
}

interface DaysProps {
  days: readonly Day[];
  total: number;
  onEnd: () => void;
}

function Days({ days, total, onEnd }: DaysProps) {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((day: string) => {
    setOpened((open) => {
      const next = new Set(open);
      if (!next.delete(day)) next.add(day);
      return next;
    });
  }, []);
  return (
    <>
      <p className="mb-3 text-sm text-muted">{s.timeline.days(count(total), total)}</p>
      <WindowList
        items={days}
        keyOf={(day) => day.day}
        estimate={CLOSED_HEIGHT}
        total={total}
        onEnd={onEnd}
      >
        {(day) => <DayCard day={day} isOpen={opened.has(day.day)} onToggle={toggle} />}
      </WindowList>
    </>
  );
}
