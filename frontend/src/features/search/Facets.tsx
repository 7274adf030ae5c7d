import type { Found, Kind } from "@/features/search/queries";
import { monthInWords } from "@/shared/lib/dates";
import { count } from "@/shared/lib/numbers";
import { s } from "@/shared/strings";
import { buttonClass } from "@/shared/ui/Button";

const KINDS: Kind[] = ["notes", "memory", "summaries"];
const MOST_MONTHS = 12;

interface Props {
  facets: Found["facets"];
  kind: Kind | undefined;
  month: string | undefined;
  onKind: (kind: Kind | undefined) => void;
  onMonth: (month: string | undefined) => void;
}

/** What was found by kind and by month; each narrows to itself, and again to all. */
export function Facets({ facets, kind, month, onKind, onMonth }: Props) {
  const months = Object.entries(facets.months).slice(0, MOST_MONTHS);
  const shownMonths =
    month && !months.some(([known]) => known === month) ? [[month, 0] as const, ...months] : months;
  return (
    <div className="flex flex-wrap gap-2">
      <fieldset className="flex flex-wrap gap-2">
        <legend className="sr-only">{s.search.kinds}</legend>
        {KINDS.map((one) => (
          <Facet
            key={one}
            label={s.search.kind(one)}
            many={facets.kinds[one] ?? 0}
            isOn={kind === one}
            onClick={() => onKind(kind === one ? undefined : one)}
          />
        ))}
      </fieldset>
      <fieldset className="flex flex-wrap gap-2">
        <legend className="sr-only">{s.search.months}</legend>
        {shownMonths.map(([one, many]) => (
          <Facet
            key={one}
            label={monthInWords(one)}
            many={many}
            isOn={month === one}
            onClick={() => onMonth(month === one ? undefined : one)}
          />
        ))}
      </fieldset>
    </div>
  );
}

interface FacetProps {
  label: string;
  many: number;
  isOn: boolean;
  onClick: () => void;
}

function Facet({ label, many, isOn, onClick }: FacetProps) {
  return (
    <button
      type="button"
      aria-pressed={isOn}
      onClick={onClick}
      className={`${buttonClass(isOn ? "primary" : "plain")} rounded-full`}
    >
      {label} <span className="tabular-nums">{count(many)}</span>
    </button>
  );
}
