import { useEffect, useRef } from "react";
import { colourOf, kindOf, tieKey } from "@/features/graph/picture";
import type { Node, Tie } from "@/features/graph/queries";
import { s } from "@/shared/strings";
import { OpenTrace } from "@/shared/trace/OpenTrace";
import { Button } from "@/shared/ui/Button";
import { VirtualList } from "@/shared/ui/VirtualList";

interface Props {
  node: Node;
  ties: readonly Tie[];
  byId: ReadonlyMap<string, Node>;
  isExpanding: boolean;
  onFocus: (id: string | undefined) => void;
  onExpand: () => void;
}

/** One node: what it is, and everything it is tied to, each a step away. */
export function NodeDetails({ node, ties, byId, isExpanding, onFocus, onExpand }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the heading is read for every node anew
  useEffect(() => heading.current?.focus(), [node.id]);
  const isMemory = node.properties.role !== "entity";
  return (
    <div className="space-y-3">
      <Button look="quiet" onClick={() => onFocus(undefined)}>
        ← {s.graph.close}
      </Button>
      <div>
        <h2 ref={heading} tabIndex={-1} className="font-semibold break-words outline-none">
          {node.properties.name}
        </h2>
        <p className="text-sm text-muted">
          {[kindOf(node), ...node.properties.aliases].join(" · ")}
        </p>
        {isMemory ? <p className="mt-1 text-sm">{node.properties.content}</p> : null}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button isBusy={isExpanding} onClick={onExpand}>
          {s.graph.expand}
        </Button>
        {isMemory ? <OpenTrace id={node.id} content={node.properties.content} /> : null}
      </div>
      <VirtualList
        items={ties}
        keyOf={tieKey}
        estimate={48}
        label={s.edges.label}
        className="h-80 lg:h-[calc(100dvh-29rem)]"
      >
        {(tie) => {
          const isOut = tie.source === node.id;
          const other = byId.get(isOut ? tie.target : tie.source);
          return (
            <button
              type="button"
              onClick={() => onFocus(other?.id)}
              className="block w-full rounded-lg px-2 py-1 text-left text-sm hover:bg-raised"
            >
              <span className="flex items-center gap-2 text-xs text-muted">
                <span
                  aria-hidden="true"
                  className="h-0.5 w-4"
                  style={{ background: colourOf(tie.type) }}
                />
                {s.edges.told(tie.type, isOut)}
                {tie.properties.valid_to ? ` · ${s.graph.over}` : ""}
              </span>
              <span className="line-clamp-1">{other?.properties.name}</span>
            </button>
          );
        }}
      </VirtualList>
    </div>
  );
}
