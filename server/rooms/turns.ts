/** Long work in turns: the event loop goes round between them, so that nobody else waits for all of it. */

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds that work may hold the loop at a time. */
const turn = 8;

/** Runs the steps, giving the loop back whenever a turn is over. Short work is done in the first turn. */
export async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  let began = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - began < turn) continue;
    await nextTurn();
    began = performance.now();
  }
}
