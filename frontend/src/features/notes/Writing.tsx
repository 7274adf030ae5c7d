import { type KeyboardEvent, useId, useRef, useState } from "react";
import { completions, type Typed, typedLink, withLink } from "@/features/notes/links";
import { s } from "@/shared/strings";
import { INPUT } from "@/shared/ui/Field";

const MOST = 8;

interface Props {
  content: string;
  titles: readonly string[];
  onChange: (content: string) => void;
}

/** The text of a note. After `[[` titles are offered: arrows choose, Enter takes, Escape leaves. */
export function Writing({ content, titles, onChange }: Props) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [typed, setTyped] = useState<Typed>();
  const [chosen, setChosen] = useState(0);
  const offered = typed ? completions(titles, typed.words, MOST) : [];
  const isOpen = offered.length > 0;

  const look = (text: string, cursor: number) => {
    setTyped(typedLink(text, cursor));
    setChosen(0);
  };
  const take = (title: string) => {
    const cursor = area.current?.selectionStart ?? content.length;
    if (!typed) return;
    const next = withLink(content, cursor, typed, title);
    onChange(next.content);
    setTyped(undefined);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(next.cursor, next.cursor);
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isOpen) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) setChosen((chosen + step + offered.length) % offered.length);
    else if (event.key === "Enter" || event.key === "Tab") take(offered[chosen] ?? "");
    else if (event.key === "Escape") setTyped(undefined);
    else return;
    event.preventDefault();
  };
  return (
    <div className="relative">
      <textarea
        ref={area}
        aria-label={s.notes.content}
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={`${id}-list`}
        aria-activedescendant={isOpen ? `${id}-${chosen}` : undefined}
        className={`${INPUT} min-h-[50vh] resize-y leading-relaxed`}
        placeholder={s.notes.placeholder}
        value={content}
        onChange={(event) => {
          onChange(event.target.value);
          look(event.target.value, event.target.selectionStart);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setTyped(undefined)}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={s.notes.titles}
        hidden={!isOpen}
        className="absolute bottom-2 left-2 z-10 w-72 max-w-[calc(100%-1rem)] rounded-lg border border-line bg-raised p-1 shadow-xl"
      >
        {offered.map((title, place) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are those of the text area
          // biome-ignore lint/a11y/useFocusableInteractive: as above
          <div
            key={title}
            id={`${id}-${place}`}
            role="option"
            aria-selected={place === chosen}
            className={`cursor-pointer truncate rounded px-2 py-1.5 text-sm ${place === chosen ? "bg-primary text-white" : ""}`}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(title)}
          >
            {title}
          </div>
        ))}
      </div>
    </div>
  );
}
