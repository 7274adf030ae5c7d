import { s } from "@/shared/strings";

/** How much of what: for previews and tombstones. */
export function Counts({ counts }: { counts: Record<string, number> }) {
  const told = Object.entries(counts).filter(([, number]) => number > 0);
  return (
    <ul className="flex flex-wrap gap-2 text-sm">
      {told.map(([name, number]) => (
        <li key={name} className="rounded-full border border-line bg-raised px-3 py-1">
          {s.forget.holds(name, number)}
        </li>
      ))}
    </ul>
  );
}
