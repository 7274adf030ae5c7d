import { colourOf, kindOf } from "@/features/graph/picture";
import type { Node, Tie } from "@/features/graph/queries";
import { s } from "@/shared/strings";
import { Empty } from "@/shared/ui/states";
import { VirtualList } from "@/shared/ui/VirtualList";

interface Props {
  nodes: readonly Node[];
  ties: ReadonlyMap<string, Tie[]>;
  onFocus: (id: string) => void;
}

/** The nodes as a list, for the keyboard and for whoever does not see the picture. */
export function NodeList({ nodes, ties, onFocus }: Props) {
  if (nodes.length === 0) return <Empty title={s.graph.noMatch} />;
  return (
    <VirtualList
      items={nodes}
      keyOf={(node) => node.id}
      estimate={44}
      label={s.graph.list}
      className="h-[26rem] lg:h-[calc(100dvh-19rem)]"
    >
      {(node) => (
        <button
          type="button"
          onClick={() => onFocus(node.id)}
          className="flex min-h-11 w-full items-center gap-2 rounded-lg px-2 text-left text-sm hover:bg-raised"
        >
          <span
            aria-hidden="true"
            className="size-3 shrink-0 rounded-full"
            style={{ background: colourOf(kindOf(node)) }}
          />
          <span className="line-clamp-1 min-w-0 flex-1">{node.properties.name}</span>
          <span className="shrink-0 text-xs text-muted">
            {kindOf(node)} · {s.graph.ties(ties.get(node.id)?.length ?? 0)}
          </span>
        </button>
      )}
    </VirtualList>
  );
}
