import { partsOf } from "@/features/recall/scores";
import { s } from "@/shared/strings";
import { Bar } from "@/shared/ui/Bar";

interface Props {
  scores: Record<string, number>;
  largest: number;
}

/** Every component of a score as a bar; those that added nothing are named below. */
export function ScoreBars({ scores, largest }: Props) {
  const { shown, silent } = partsOf(scores, largest);
  return (
    <div>
      <h3 className="mb-1.5 text-xs font-semibold text-muted">{s.recall.why}</h3>
      <ul className="space-y-1">
        {shown.map(({ name, value, part }) => (
          <li key={name} className="grid grid-cols-[7rem_1fr_3rem] items-center gap-2 text-xs">
            <span title={s.components.meaning(name)}>{s.components.name(name)}</span>
            <Bar part={part} tone={s.components.isAboutText(name) ? "teal" : "blue"} />
            <span className="text-right tabular-nums text-muted">{value.toFixed(3)}</span>
          </li>
        ))}
      </ul>
      {silent.length ? (
        <p className="mt-1.5 text-xs text-muted">
          {s.recall.silent(silent.map(s.components.name).join(", "))}
        </p>
      ) : null}
    </div>
  );
}
