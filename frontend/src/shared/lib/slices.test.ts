import { expect, test } from "vitest";
import { inSlices } from "@/shared/lib/slices";

function busyFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("long work lets others in between, and comes to its end in order", async () => {
  let others = 0;
  const timer = setInterval(() => {
    others += 1;
  });
  const done: number[] = [];
  const work = (item: number) => {
    busyFor(4);
    done.push(item);
  };
  const isWhole = await inSlices([...Array(20).keys()], work, new AbortController().signal);
  clearInterval(timer);
  expect(isWhole).toBe(true);
  expect(done).toEqual([...Array(20).keys()]);
  expect(others).toBeGreaterThan(2);
});

test("what is not wanted any more stops", async () => {
  const stop = new AbortController();
  const done: number[] = [];
  const work = (item: number) => {
    done.push(item);
    if (item === 1) stop.abort();
  };
  expect(await inSlices([0, 1, 2, 3], work, stop.signal)).toBe(false);
  expect(done).toEqual([0, 1]);
});
