import { expect, test, vi } from "vitest";
import type { Text } from "@/features/notes/queries";
import { Saver, type SaveState } from "@/features/notes/saver";
import { Problem, Unreachable } from "@/shared/api/problem";

const text = (content: string): Text => ({ title: "Lisbon", content });

/** A saver whose time goes by on request. */
function started(save: (text: Text, version: number) => Promise<{ version: number }>) {
  const waiting: (() => void)[] = [];
  const states: SaveState[] = [];
  const saver = new Saver(1, {
    save,
    onState: (state) => states.push(state),
    onSaved: () => {},
    later: (run) => {
      waiting.push(run);
      return () => waiting.splice(waiting.indexOf(run), 1);
    },
  });
  const timePasses = async () => {
    for (const run of waiting.splice(0)) run();
    await vi.waitFor(() => expect(states.at(-1)).not.toBe("saving"));
  };
  return { saver, states, waiting, timePasses };
}

test("a burst of typing is one save, of the latest text", async () => {
  const save = vi.fn(async (_text: Text, version: number) => ({ version: version + 1 }));
  const { saver, states, timePasses } = started(save);
  for (const written of ["a", "ab", "abc"]) saver.change(text(written));
  await timePasses();
  expect(save.mock.calls).toEqual([[text("abc"), 1]]);
  expect(states.at(-1)).toBe("saved");
});

test("what is written while it is saved goes on from the new version", async () => {
  const save = vi.fn(async (_text: Text, version: number) => {
    if (version === 1) saver.change(text("second"));
    return { version: version + 1 };
  });
  const { saver, states, timePasses } = started(save);
  saver.change(text("first"));
  await timePasses();
  await vi.waitFor(() => expect(save).toHaveBeenCalledTimes(2));
  expect(save.mock.calls[1]).toEqual([text("second"), 2]);
  await vi.waitFor(() => expect(states.at(-1)).toBe("saved"));
});

test("offline it waits and tries again, and nothing is lost", async () => {
  const save = vi.fn(async () => ({ version: 2 }));
  save.mockRejectedValueOnce(new Unreachable());
  const { saver, states, waiting, timePasses } = started(save);
  saver.change(text("kept"));
  await timePasses();
  expect(states.at(-1)).toBe("offline");
  expect(waiting).toHaveLength(1);
  await timePasses();
  expect(states.at(-1)).toBe("saved");
});

test("a version from elsewhere is not written over until somebody says so", async () => {
  const save = vi.fn(async (_text: Text, version: number) => ({ version: version + 1 }));
  save.mockRejectedValueOnce(new Problem(409, "ConflictError", "There is a newer version."));
  const { saver, states, waiting, timePasses } = started(save);
  saver.change(text("mine"));
  await timePasses();
  expect(states.at(-1)).toBe("conflict");
  expect(waiting).toHaveLength(0);
  saver.rebase(7);
  await saver.flush();
  expect(save).toHaveBeenLastCalledWith(text("mine"), 7);
  expect(states.at(-1)).toBe("saved");
});

test("what is refused is not sent again by itself", async () => {
  const save = vi.fn().mockRejectedValue(new Problem(422, "InvalidInputError", "Too long."));
  const { saver, states, waiting, timePasses } = started(save);
  saver.change(text("x"));
  await timePasses();
  expect(states.at(-1)).toBe("failed");
  expect(waiting).toHaveLength(0);
});

test("whoever waits for the save waits for one that has begun as well", async () => {
  let answer = (_saved: { version: number }) => {};
  const { saver, states } = started(() => new Promise((resolve) => (answer = resolve)));
  saver.change(text("kept"));
  void saver.flush();
  const all = saver.flush();
  answer({ version: 2 });
  await all;
  expect(states.at(-1)).toBe("saved");
});

test("what is given up is not sent again", async () => {
  const save = vi.fn().mockRejectedValue(new Unreachable());
  const { saver, waiting, timePasses } = started(save);
  saver.change(text("lost"));
  await timePasses();
  saver.giveUp();
  expect(waiting).toHaveLength(0);
  await saver.flush();
  expect(save).toHaveBeenCalledTimes(1);
});
