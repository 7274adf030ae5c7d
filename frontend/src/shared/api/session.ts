/**
 * A session that has run out is renewed where one is: the request that met it waits until its
 * person has signed in again, then goes out once more.
 */
type Listener = () => void;

class Session {
  #isOpen = false;
  #isExpired = false;
  #waiting: ((isRenewed: boolean) => void)[] = [];
  #listeners = new Set<Listener>();

  /** Somebody is signed in: from now on a 401 means that this has ended. */
  begin(): void {
    this.#isOpen = true;
  }

  /** Signed out on purpose; what waits is given up. */
  end(): void {
    this.#isOpen = false;
    this.#settle(false);
  }

  /** Resolves to whether the session was renewed. */
  renewal(): Promise<boolean> {
    if (!this.#isOpen) return Promise.resolve(false);
    this.#isExpired = true;
    this.#tell();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  renewed(): void {
    this.#settle(true);
  }

  readonly subscribe = (listener: Listener): Listener => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly isExpired = (): boolean => this.#isExpired;

  #settle(isRenewed: boolean): void {
    this.#isExpired = false;
    for (const resolve of this.#waiting.splice(0)) resolve(isRenewed);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

export const session = new Session();
