import { headingOf } from "@/features/timeline/summaryLines";

const LINES_WHEN_CLOSED = 2;

/** What the dream wrote: a title, then lines that begin with what they are about. */
export function Summary({ content, isWhole }: { content: string; isWhole: boolean }) {
  const lines = content.split("\n").filter((line) => line.trim() !== "");
  const told = lines.length > 1 ? lines.slice(1) : lines;
  const shown = isWhole ? told : told.slice(0, LINES_WHEN_CLOSED);
  return (
    <div className="space-y-1 text-sm">
      {shown.map((line) => {
        const { heading, text } = headingOf(line);
        return (
          <p key={line} className={isWhole ? "" : "line-clamp-2"}>
            {heading ? <strong className="font-semibold text-teal">{heading}: </strong> : null}
            {text}
          </p>
        );
      })}
    </div>
  );
}
