/** How often a connection leans on what the server has not seen: honest now and then, a fault when it goes on. */

const perMinute = 30;
const minute = 60_000;

export class Gaps {
  #count = 0;
  #since = -Infinity;

  /** Counts one more; true when they are too many. By a clock that nobody sets. */
  tooMany(): boolean {
    const now = performance.now();
    if (now - this.#since > minute) {
      this.#count = 0;
      this.#since = now;
    }
    return ++this.#count > perMinute;
  }
}
