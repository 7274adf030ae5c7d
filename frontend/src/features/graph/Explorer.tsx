import { useMutation, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Canvas } from "@/features/graph/Canvas";
import { MOST_DRAWN } from "@/features/graph/drawing";
import { NodeDetails } from "@/features/graph/NodeDetails";
import { NodeList } from "@/features/graph/NodeList";
import { colourOf, matching, tiesByNode, together, typesOf } from "@/features/graph/picture";
import { around, graphQuery, type Picture, SIZES } from "@/features/graph/queries";
import { useDrawing } from "@/features/graph/useDrawing";
import { s } from "@/shared/strings";
import { INPUT } from "@/shared/ui/Field";
import { Empty, ErrorLine, Loaded } from "@/shared/ui/states";

/** The knowledge graph: a picture to move in, and a list that holds the same. */
export function Explorer() {
  const [limit, setLimit] = useState(SIZES[1] ?? 250);
  const graph = useQuery(graphQuery(limit));
  return (
    <Loaded
      query={graph}
      isEmpty={(found) => found.nodes.length === 0}
      empty={<Empty title={s.graph.nothing}>{s.graph.nothingHint}</Empty>}
    >
      {(found) => <Explored found={found} limit={limit} onLimit={setLimit} />}
    </Loaded>
  );
}

interface ExploredProps {
  found: Picture;
  limit: number;
  onLimit: (limit: number) => void;
}

function Explored({ found, limit, onLimit }: ExploredProps) {
  const [added, setAdded] = useState<Picture>();
  const [words, setWords] = useState("");
  const [focus, setFocus] = useState<string>();
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const expanding = useMutation({
    mutationFn: around,
    onSuccess: (more) => setAdded((known) => (known ? together(known, more) : more)),
  });
  const picture = useMemo(() => (added ? together(found, added) : found), [found, added]);
  const { drawing, isArranging } = useDrawing(picture);
  const byId = useMemo(() => new Map(picture.nodes.map((node) => [node.id, node])), [picture]);
  const ties = useMemo(() => tiesByNode(picture.relationships, hidden), [picture, hidden]);
  const nodes = useMemo(() => matching(picture.nodes, words, ties), [picture, words, ties]);
  const focused = focus ? byId.get(focus) : undefined;
  const toggle = (type: string) => {
    const next = new Set(hidden);
    if (!next.delete(type)) next.add(type);
    setHidden(next);
  };
  return (
    <div className="grid gap-4 lg:grid-cols-[1fr_22rem]">
      <section
        aria-label={s.graph.title}
        className="overflow-hidden rounded-xl border border-line bg-panel"
      >
        <div className="h-[55vh] min-h-72 lg:h-[calc(100dvh-17rem)]">
          {drawing ? (
            <Canvas drawing={drawing} hidden={hidden} focus={focused?.id} onFocus={setFocus} />
          ) : (
            <p role="status" className="p-4 text-sm text-muted">
              {s.graph.arranging}
            </p>
          )}
        </div>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line p-3 text-sm">
          <p role="status" className="text-muted">
            {isArranging
              ? s.graph.arranging
              : s.graph.nodes(picture.nodes.length, picture.relationships.length, MOST_DRAWN)}
          </p>
          <label className="flex items-center gap-2">
            <span className="whitespace-nowrap text-muted">{s.graph.size}</span>
            <select
              className={`${INPUT} w-24`}
              value={limit}
              onChange={(event) => onLimit(Number(event.target.value))}
            >
              {SIZES.map((size) => (
                <option key={size}>{size}</option>
              ))}
            </select>
          </label>
          <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
            <legend className="sr-only">{s.graph.types}</legend>
            {typesOf(picture.relationships).map(([type, many]) => (
              <label key={type} className="flex min-h-6 items-center gap-1.5">
                <input
                  type="checkbox"
                  checked={!hidden.has(type)}
                  onChange={() => toggle(type)}
                  style={{ accentColor: colourOf(type) }}
                />
                {s.graph.type(type)} ({many})
              </label>
            ))}
          </fieldset>
        </div>
      </section>
      <section aria-label={s.graph.beside} className="rounded-xl border border-line bg-panel p-3">
        {focused ? (
          <NodeDetails
            node={focused}
            ties={ties.get(focused.id) ?? []}
            byId={byId}
            isExpanding={expanding.isPending}
            onFocus={setFocus}
            onExpand={() => expanding.mutate(focused.id)}
          />
        ) : (
          <>
            <input
              type="search"
              aria-label={s.graph.find}
              placeholder={s.graph.find}
              className={`${INPUT} mb-2`}
              value={words}
              onChange={(event) => setWords(event.target.value)}
            />
            <NodeList nodes={nodes} ties={ties} onFocus={setFocus} />
          </>
        )}
        <ErrorLine error={expanding.error} />
      </section>
    </div>
  );
}
