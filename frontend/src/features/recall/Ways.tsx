import { Link } from "@tanstack/react-router";
import type { Recalled } from "@/features/recall/queries";
import { strongest } from "@/features/recall/scores";
import { s } from "@/shared/strings";

interface Props {
  result: Recalled;
  /** The memories at the other ends, by id, as far as they are known. */
  named: Readonly<Record<string, { content: string }>>;
}

/** The edges that touch a result: by which of them the others lead to it, and it to them. */
export function Ways({ result, named }: Props) {
  if (result.edges.length === 0) return <p className="text-xs text-muted">{s.recall.noEdges}</p>;
  const shown = strongest(result.edges);
  return (
    <div className="min-w-0">
      <h3 className="mb-1.5 text-xs font-semibold text-muted">{s.recall.edges}</h3>
      <ul className="text-xs">
        {shown.map((edge) => {
          const isOut = edge.src === result.trace_id;
          const id = isOut ? edge.dst : edge.src;
          return (
            <li
              key={`${edge.src}${edge.dst}${edge.type}`}
              className="flex min-h-6 items-center gap-2"
            >
              <span className="w-24 shrink-0 text-muted">{s.edges.told(edge.type, isOut)}</span>
              <Link
                to="."
                search={(old) => ({ ...old, trace: id })}
                resetScroll={false}
                className="min-w-0 flex-1 truncate text-teal underline-offset-2 hover:underline"
              >
                {named[id]?.content ?? s.recall.another}
              </Link>
              <span className="tabular-nums text-muted">{edge.weight.toFixed(2)}</span>
            </li>
          );
        })}
      </ul>
      {result.edges.length > shown.length ? (
        <p className="mt-1 text-xs text-muted">
          {s.recall.moreEdges(result.edges.length - shown.length)}
        </p>
      ) : null}
    </div>
  );
}
