/** An answer that is being waited for, as a value that components read. */

import { Value } from '../session/value.js';
import type { Answer, Problem } from '../session/api.js';

export type Asked<T> =
  { state: 'waiting' } | { state: 'here'; value: T } | { state: 'failed'; problem: Problem };

export class Question<T> {
  readonly answer = new Value<Asked<T>>({ state: 'waiting' });
  readonly #ask: () => Promise<Answer<T>>;
  #turn = 0;

  constructor(ask: () => Promise<Answer<T>>) {
    this.#ask = ask;
  }

  /** Asks, or asks again; only the newest answer counts. */
  readonly ask = (): void => {
    const turn = ++this.#turn;
    this.answer.set({ state: 'waiting' });
    void this.#ask().then((answer) => {
      if (turn !== this.#turn) return;
      this.answer.set(
        answer.ok ? { state: 'here', value: answer.value } : { state: 'failed', problem: answer.error },
      );
    });
  };
}
