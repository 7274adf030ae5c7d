import type { Text } from "@/features/notes/queries";
import { Problem, Unreachable } from "@/shared/api/problem";

export type SaveState = "saved" | "waiting" | "saving" | "offline" | "conflict" | "failed";

interface Saved {
  version: number;
}

export interface Work<T extends Saved> {
  save: (text: Text, version: number) => Promise<T>;
  onState: (state: SaveState, error?: unknown) => void;
  onSaved: (saved: T, text: Text) => void;
  /** Runs something after a while; gives back how to call it off. */
  later: (run: () => void, ms: number) => () => void;
}

export const QUIET_MS = 800;
export const RETRY_MS = 5_000;

/**
 * Saves what is written once the hands rest: one request at a time, the latest text always, and again
 * when there was no answer. A version from elsewhere stops it until somebody has decided.
 */
export class Saver<T extends Saved> {
  readonly #work: Work<T>;
  #version: number;
  #wanted: Text | undefined;
  #running: Promise<void> | undefined;
  #cancel: (() => void) | undefined;

  constructor(version: number, work: Work<T>) {
    this.#version = version;
    this.#work = work;
  }

  /** Something else is written now. */
  change(text: Text): void {
    this.#wanted = text;
    this.#work.onState("waiting");
    this.#schedule(QUIET_MS);
  }

  /** Do not wait any longer: the page is left, or the network is back. Ends when all is saved, or failed. */
  flush(): Promise<void> {
    this.#cancel?.();
    this.#running ??= this.#saveAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Somebody has decided that this text goes on from another version. */
  rebase(version: number): void {
    this.#version = version;
  }

  stop(): void {
    this.#cancel?.();
  }

  /** What is not saved yet is not wanted any more. */
  giveUp(): void {
    this.stop();
    this.#wanted = undefined;
  }

  async #saveAll(): Promise<void> {
    let isGoingOn = true;
    while (isGoingOn && this.#wanted !== undefined) isGoingOn = await this.#saveOnce(this.#wanted);
  }

  async #saveOnce(text: Text): Promise<boolean> {
    this.#cancel?.();
    this.#wanted = undefined;
    this.#work.onState("saving");
    try {
      const saved = await this.#work.save(text, this.#version);
      this.#version = saved.version;
      this.#work.onSaved(saved, text);
      if (this.#wanted === undefined) this.#work.onState("saved");
      return true;
    } catch (error) {
      this.#wanted ??= text;
      this.#fail(error);
      return false;
    }
  }

  #fail(error: unknown): void {
    if (error instanceof Problem && error.status === 409) {
      this.#work.onState("conflict", error);
      return;
    }
    const mayPass =
      error instanceof Unreachable || (error instanceof Problem && error.status >= 429);
    this.#work.onState(error instanceof Unreachable ? "offline" : "failed", error);
    if (mayPass) this.#schedule(RETRY_MS);
  }

  #schedule(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#work.later(() => void this.flush(), ms);
  }
}
