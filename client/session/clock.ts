/** The browser's clock. */

import type { Clock } from './ports.js';

interface YieldingScheduler {
  yield?: () => Promise<void>;
}

export const browserClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(delay, run) {
    const timer = setTimeout(run, delay);
    return () => clearTimeout(timer);
  },
  turn() {
    const scheduler = (globalThis as { scheduler?: YieldingScheduler }).scheduler;
    if (scheduler?.yield) return scheduler.yield();
    // Not setTimeout: browsers hold a nested one back by 4 ms.
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    });
  },
};

/** A delay that doubles with each try up to half a minute, spread so that not everyone comes at once. */
export const backOff = (tries: number, clock: Clock): number =>
  Math.min(500 * 2 ** tries, 30_000) * (0.5 + clock.random() / 2);
