import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { s } from "@/shared/strings";
import { INPUT } from "@/shared/ui/Field";
import { Icon } from "@/shared/ui/Icon";

const REST_MS = 180;

interface Props {
  q: string;
  onSearch: (q: string) => void;
  onArrow: () => void;
}

/** One box; what is typed is searched for when the hands rest. */
export function SearchBox({ q, onSearch, onArrow }: Props) {
  const [words, setWords] = useState(q);
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(q);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    if (q === sent.current) return;
    sent.current = q; // the address bar has changed: back, forward, or a link
    setWords(q);
  }, [q]);
  useEffect(() => {
    if (words.trim() === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = words.trim();
      onSearch(words.trim());
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [words, onSearch]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    onArrow();
  };
  return (
    <search className="relative block">
      <Icon name="search" className="pointer-events-none absolute top-3 left-3 size-5 text-muted" />
      <input
        ref={input}
        data-shortcut="/"
        type="search"
        aria-label={s.search.label}
        placeholder={s.search.placeholder}
        className={`${INPUT} py-2.5 pl-10`}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={onKeyDown}
      />
    </search>
  );
}
