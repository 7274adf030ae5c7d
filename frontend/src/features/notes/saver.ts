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
  #isSaving = false;
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

  /** Do not wait any longer: the page is left, or the network is back. */
  async flush(): Promise<void> {
    this.#cancel?.();
    if (this.#isSaving || this.#wanted === undefined) return;
    const text = this.#wanted;
    this.#wanted = undefined;
    this.#isSaving = true;
    this.#work.onState("saving");
    try {
      const saved = await this.#work.save(text, this.#version);
      this.#version = saved.version;
      this.#isSaving = false;
      this.#work.onSaved(saved, text);
      if (this.#wanted === undefined) this.#work.onState("saved");
      else await this.flush();
    } catch (error) {
      this.#isSaving = false;
      this.#wanted ??= text;
      this.#fail(error);
    }
  }

  /** Somebody has decided that this text goes on from another version. */
  rebase(version: number): void {
    this.#version = version;
  }

  stop(): void {
    this.#cancel?.();
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
