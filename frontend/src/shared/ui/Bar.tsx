/** A horizontal bar for a part from 0 to 1. The number stands beside it, so it is only a picture. */
export function Bar({ part, tone = "teal" }: { part: number; tone?: "teal" | "blue" }) {
  const width = `${Math.max(0, Math.min(1, part)) * 100}%`;
  return (
    <span aria-hidden="true" className="block h-2 w-full overflow-hidden rounded-full bg-line">
      <span
        className={`block h-full rounded-full ${tone === "teal" ? "bg-teal" : "bg-blue"}`}
        style={{ width }}
      />
    </span>
  );
}
