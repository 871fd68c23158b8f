/**
 * Work in steps: a generator that pauses every millisecond or so, so that whoever drives it may let others run in
 * between. Nothing here knows the time: work is counted, in units of about a microsecond.
 */

export type Steps<T> = Generator<void, T, void>;

/** Units between two pauses. */
const stint = 1_000;

/** Counts work, and says when it is time for a pause. */
export class Pace {
  #left = stint;

  /** Whether a pause is due after this much more. */
  spend(units: number): boolean {
    this.#left -= units;
    if (this.#left > 0) return false;
    this.#left = stint;
    return true;
  }
}

/** Does all of it at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
