import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type Key, type ReactNode, useEffect, useRef, useState } from "react";

interface Props<T> {
  items: readonly T[];
  keyOf: (item: T) => Key;
  estimate: number;
  /** How many there are in all, of which these are the first. */
  total: number;
  /** Called when the end comes near, for lists that are loaded as they are read. */
  onEnd?: () => void;
  children: (item: T, index: number) => ReactNode;
}

const NEAR_THE_END = 8;

/** A list that scrolls with the page, and of which only what is in sight is drawn. */
export function WindowList<T>({ items, keyOf, estimate, total, onEnd, children }: Props<T>) {
  const list = useRef<HTMLOListElement>(null);
  const [top, setTop] = useState(0);
  useEffect(() => setTop(list.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => estimate,
    getItemKey: (index) => keyOf(items[index] as T),
    overscan: 3,
    scrollMargin: top,
  });
  const drawn = rows.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= items.length - NEAR_THE_END) onEnd?.();
  }, [last, items.length, onEnd]);
  return (
    <ol ref={list} className="relative" style={{ height: rows.getTotalSize() }}>
      {drawn.map((row) => (
        <li
          key={row.key}
          ref={rows.measureElement}
          data-index={row.index}
          aria-setsize={total}
          aria-posinset={row.index + 1}
          className="absolute top-0 left-0 w-full pb-3"
          style={{ transform: `translateY(${row.start - top}px)` }}
        >
          {children(items[row.index] as T, row.index)}
        </li>
      ))}
    </ol>
  );
}
