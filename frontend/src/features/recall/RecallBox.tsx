import { type FormEvent, useEffect, useState } from "react";
import type { Asked } from "@/features/recall/queries";
import { s } from "@/shared/strings";
import { Button } from "@/shared/ui/Button";
import { INPUT } from "@/shared/ui/Field";
import { Icon } from "@/shared/ui/Icon";

const COUNTS = [5, 10, 25, 50];

interface Props {
  asked: Asked;
  onAsk: (asked: Asked) => void;
}

/** Asks the memory a question, in plain words, of all time or of a span. */
export function RecallBox({ asked, onAsk }: Props) {
  const [q, setQ] = useState(asked.q);
  const [when, setWhen] = useState(asked.when);
  const [k, setK] = useState(asked.k);
  useEffect(() => {
    setQ(asked.q);
    setWhen(asked.when);
    setK(asked.k);
  }, [asked.q, asked.when, asked.k]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (q.trim()) onAsk({ q: q.trim(), k, when: when.trim() });
  };
  return (
    <search>
      <form onSubmit={submit} className="flex flex-col gap-2 lg:flex-row">
        <label className="relative min-w-0 flex-1">
          <span className="sr-only">{s.recall.question}</span>
          <Icon
            name="search"
            className="pointer-events-none absolute top-2.5 left-3 size-5 text-muted"
          />
          <input
            data-shortcut="/"
            type="search"
            enterKeyHint="search"
            placeholder={s.recall.placeholder}
            className={`${INPUT} pl-10`}
            value={q}
            onChange={(event) => setQ(event.target.value)}
          />
        </label>
        <div className="flex gap-2">
          <label className="min-w-0 flex-1 lg:w-44">
            <span className="sr-only">{s.recall.when}</span>
            <input
              className={INPUT}
              placeholder={s.recall.whenPlaceholder}
              value={when}
              onChange={(event) => setWhen(event.target.value)}
            />
          </label>
          <label>
            <span className="sr-only">{s.recall.howMany}</span>
            <select
              className={`${INPUT} w-20`}
              value={k}
              onChange={(event) => setK(Number(event.target.value))}
            >
              {[...new Set([...COUNTS, k])]
                .sort((a, b) => a - b)
                .map((many) => (
                  <option key={many}>{many}</option>
                ))}
            </select>
          </label>
          <Button type="submit" look="primary">
            {s.recall.ask}
          </Button>
        </div>
      </form>
    </search>
  );
}
