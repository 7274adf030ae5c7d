import { memo, useId, useState } from "react";
import { DayShelf } from "@/features/timeline/DayShelf";
import type { Day } from "@/features/timeline/queries";
import { Summary } from "@/features/timeline/Summary";
import { dayInWords } from "@/shared/lib/dates";
import { s } from "@/shared/strings";
import { Icon } from "@/shared/ui/Icon";

interface Props {
  day: Day;
  isOpen: boolean;
  onToggle: (day: string) => void;
}

/** A day: how much was said, what the dream made of it, and all of it when it is opened. */
export const DayCard = memo(function DayCard({ day, isOpen, onToggle }: Props) {
  const id = useId();
  const [areSourcesOpen, setSourcesOpen] = useState(false);
  const counts = [
    s.timeline.traces(day.traces),
    ...(day.pinned ? [s.timeline.pinned(day.pinned)] : []),
    ...(day.faded ? [s.timeline.faded(day.faded)] : []),
  ];
  return (
    <article className="rounded-xl border border-line bg-panel p-4">
      <h2>
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => onToggle(day.day)}
          className="flex w-full items-start gap-x-3 text-left"
        >
          <Icon
            name="chevron"
            className={`mt-1 size-4 shrink-0 text-muted transition-transform ${isOpen ? "rotate-90" : ""}`}
          />
          <span className="flex flex-wrap items-baseline gap-x-3">
            <span className="font-semibold">{dayInWords(day.day)}</span>
            <span className="text-sm text-muted">{counts.join(" · ")}</span>
          </span>
        </button>
      </h2>
      {day.summary ? (
        <div className="mt-2 border-l-2 border-teal pl-3">
          <Summary content={day.summary.content} isWhole={isOpen || areSourcesOpen} />
          <button
            type="button"
            className="mt-1 text-sm text-teal underline"
            aria-expanded={areSourcesOpen}
            onClick={() => setSourcesOpen(!areSourcesOpen)}
          >
            {areSourcesOpen ? s.timeline.closeSources : s.timeline.openSources}
          </button>
          {areSourcesOpen ? (
            <DayShelf
              shelf={{ sources_of: day.summary.trace_id }}
              label={s.timeline.sourcesOf(dayInWords(day.day))}
            />
          ) : null}
        </div>
      ) : (
        <p className="mt-1 pl-7 text-sm text-muted">{s.timeline.notDreamt}</p>
      )}
      <div id={id}>
        {isOpen ? (
          <DayShelf shelf={{ day: day.day }} label={s.timeline.saidOn(dayInWords(day.day))} />
        ) : null}
      </div>
    </article>
  );
});
