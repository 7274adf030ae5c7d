import { beforeEach, expect, test, vi } from "vitest";

beforeEach(() => vi.resetModules());

async function fresh() {
  return (await import("@/shared/api/session")).session;
}

test("nobody is asked to sign in again who was not signed in", async () => {
  const session = await fresh();
  await expect(session.renewal()).resolves.toBe(false);
  expect(session.isExpired()).toBe(false);
});

test("every request that met the end of a session goes on when it is renewed", async () => {
  const session = await fresh();
  session.begin();
  const waiting = [session.renewal(), session.renewal()];
  expect(session.isExpired()).toBe(true);
  session.renewed();
  await expect(Promise.all(waiting)).resolves.toEqual([true, true]);
  expect(session.isExpired()).toBe(false);
});

test("who leaves instead lets the requests fail", async () => {
  const session = await fresh();
  session.begin();
  const told = vi.fn();
  session.subscribe(told);
  const waiting = session.renewal();
  session.end();
  await expect(waiting).resolves.toBe(false);
  expect(told).toHaveBeenCalledTimes(2);
});
