/** Which of this browser's tabs came first: it holds a Web Lock. */

/** Holds the lock of a person's tabs, as soon as it is free. */
export class FirstTab {
  held = false;
  end: () => void = () => undefined;
  readonly #name: string;
  readonly #ended: Promise<void>;

  constructor(name: string) {
    this.#name = name;
    this.#ended = new Promise((resolve) => void (this.end = resolve));
  }

  /** Resolves when it is known whether this tab is the first. Browsers have locks in secure contexts only; without them none is. */
  ask(): Promise<void> {
    if (!('locks' in navigator)) return Promise.resolve();
    const hold = (): Promise<void> => {
      this.held = true;
      return this.#ended;
    };
    return new Promise((resolve) => {
      void navigator.locks.request(this.#name, { ifAvailable: true }, (lock) => {
        resolve();
        if (lock) return hold();
        void navigator.locks.request(this.#name, hold);
        return undefined;
      });
    });
  }

  /** Does what no other tab may be open for; rejects when one is. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    if (!('locks' in navigator)) return work();
    return navigator.locks.request(this.#name, { ifAvailable: true }, (lock) => {
      if (!lock) throw new Error('another tab is open');
      return work();
    });
  }
}
