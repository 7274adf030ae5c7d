import { useVirtualizer } from "@tanstack/react-virtual";
import { type Key, type ReactNode, useEffect, useRef } from "react";

interface Props<T> {
  items: readonly T[];
  keyOf: (item: T) => Key;
  estimate: number;
  label: string;
  /** How many there are in all, when these are only the first of them. */
  total?: number;
  className?: string;
  /** Called when the end comes near, for lists that are loaded as they are read. */
  onEnd?: (() => void) | undefined;
  children: (item: T, index: number) => ReactNode;
}

/** A list of which only what is in sight is drawn, however long it is. */
export function VirtualList<T>(props: Props<T>) {
  const { items, keyOf, estimate, label, className = "", onEnd, children } = props;
  const total = props.total ?? items.length;
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => estimate,
    getItemKey: (index) => keyOf(items[index] as T),
    overscan: 6,
  });
  const drawn = rows.getVirtualItems();
  const last = drawn.at(-1)?.index ?? -1;
  useEffect(() => {
    if (items.length > 0 && last >= items.length - 4) onEnd?.();
  }, [last, items.length, onEnd]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
    <section ref={box} tabIndex={0} aria-label={label} className={`overflow-y-auto ${className}`}>
      <ul className="relative" style={{ height: rows.getTotalSize() }}>
        {drawn.map((row) => (
          <li
            key={row.key}
            ref={rows.measureElement}
            data-index={row.index}
            aria-setsize={total}
            aria-posinset={row.index + 1}
            className="absolute top-0 left-0 w-full"
            style={{ transform: `translateY(${row.start}px)` }}
          >
            {children(items[row.index] as T, row.index)}
          </li>
        ))}
      </ul>
    </section>
  );
}
