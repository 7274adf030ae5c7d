/** A result's score taken apart, for drawing. */
export interface Component {
  name: string;
  value: number;
  /** Of the largest component of all results: the length of its bar. */
  part: number;
}

export interface Parts {
  shown: Component[];
  /** The components that added nothing. */
  silent: string[];
}

const SMALLEST_SHOWN = 0.0005;

/** The largest single component among results, so that their bars can be compared. */
export function largestOf(results: readonly { scores: Record<string, number> }[]): number {
  return Math.max(SMALLEST_SHOWN, ...results.flatMap((result) => Object.values(result.scores)));
}

/** Largest first; ties in the order of their names. */
export function partsOf(scores: Record<string, number>, largest: number): Parts {
  const parts = Object.entries(scores).map(([name, value]) => ({
    name,
    value,
    part: Math.min(1, Math.max(0, value / largest)),
  }));
  parts.sort((a, b) => b.value - a.value || a.name.localeCompare(b.name));
  return {
    shown: parts.filter((one) => one.value >= SMALLEST_SHOWN),
    silent: parts.filter((one) => one.value < SMALLEST_SHOWN).map((one) => one.name),
  };
}

const EDGES_SHOWN = 5;

/** The edges of a result that are drawn: the heaviest. */
export function strongest<T extends { weight: number }>(edges: readonly T[]): T[] {
  return [...edges].sort((a, b) => b.weight - a.weight).slice(0, EDGES_SHOWN);
}
