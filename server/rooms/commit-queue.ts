/**
 * Group commit across rooms: whatever waits in any room when the database is free goes into one transaction.
 * A room hands in one batch at a time, so no room is ever in two transactions at once.
 */

import type { AppendOutcome, RoomBatch, RoomLog } from './ports.js';

interface Waiting {
  readonly batch: RoomBatch;
  readonly resolve: (outcome: AppendOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/** Rows of the log that one transaction takes at most; the rest is the next one's. */
const rowsPerCommit = 1000;

export class CommitQueue {
  readonly #log: RoomLog;
  readonly #lanes: number;
  #waiting: Waiting[] = [];
  #busy = 0;
  #idle: (() => void)[] = [];

  /** @param lanes transactions at the same time: 1 for the embedded database, up to 4 for PostgreSQL. */
  constructor(log: RoomLog, lanes: number) {
    this.#log = log;
    this.#lanes = lanes;
  }

  /** Resolves once the batch is durably stored or left out as a conflict; rejects when the database fails. */
  commit(batch: RoomBatch): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      this.#start();
    });
  }

  /** Resolves when nothing is in flight and nothing waits. */
  async drained(): Promise<void> {
    if (this.#busy === 0 && this.#waiting.length === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #start(): void {
    while (this.#busy < this.#lanes && this.#waiting.length > 0) {
      this.#busy++;
      void this.#append(this.#take()).finally(() => {
        this.#busy--;
        this.#start();
        if (this.#busy === 0 && this.#waiting.length === 0) for (const done of this.#idle.splice(0)) done();
      });
    }
  }

  #take(): Waiting[] {
    let rows = 0;
    let count = 0;
    for (const { batch } of this.#waiting) {
      rows += batch.parts.length;
      if (count > 0 && rows > rowsPerCommit) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #append(taken: Waiting[]): Promise<void> {
    try {
      const outcomes = await this.#log.append(taken.map(({ batch }) => batch));
      taken.forEach(({ resolve }, i) => resolve(outcomes[i] ?? 'conflict'));
    } catch (error) {
      const [first, ...others] = taken;
      if (others.length === 0) first?.reject(error);
      // One batch that cannot be stored must not keep the others from it: each is tried by itself.
      else for (const one of taken) await this.#append([one]);
    }
  }
}
