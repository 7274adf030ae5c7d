import { useState } from "react";
import { s } from "@/shared/strings";

const SHOWN = 420;

/** A memory's words, of a long one its beginning until more is wanted. */
export function TraceText({ content }: { content: string }) {
  const [isWhole, setWhole] = useState(false);
  const isLong = content.length > SHOWN;
  return (
    <div>
      <p className="whitespace-pre-line break-words leading-relaxed">
        {isLong && !isWhole ? `${content.slice(0, SHOWN)}…` : content}
      </p>
      {isLong ? (
        <button
          type="button"
          className="mt-1 text-sm text-teal underline"
          aria-expanded={isWhole}
          onClick={() => setWhole(!isWhole)}
        >
          {isWhole ? s.trace.less : s.trace.more}
        </button>
      ) : null}
    </div>
  );
}
