const SLICE_MS = 10;

/**
 * Works through many things in slices of some milliseconds, between which the page answers.
 * Gives false when it was stopped before the end.
 */
export async function inSlices<T>(
  items: Iterable<T>,
  work: (item: T) => void,
  signal: AbortSignal,
): Promise<boolean> {
  let until = performance.now() + SLICE_MS;
  for (const item of items) {
    if (performance.now() >= until) {
      await new Promise((resolve) => setTimeout(resolve));
      until = performance.now() + SLICE_MS;
    }
    if (signal.aborted) return false;
    work(item);
  }
  return true;
}
