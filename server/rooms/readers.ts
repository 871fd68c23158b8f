/** Those who read a room's document: at once while it equals the database, else as soon as it does, or from a copy. */

import type * as Y from 'yjs';
import type { RoomState } from './room-state.js';

interface Reader {
  readonly run: (doc: Y.Doc) => void;
  readonly timer: NodeJS.Timeout;
}

/** A read that has waited so long for a commit is answered from the committed bytes. Milliseconds. */
const patience = 250;

export class Readers {
  readonly #state: RoomState;
  #waiting: Reader[] = [];

  constructor(state: RoomState) {
    this.#state = state;
  }

  /** `read` runs in the turn in which the document was found in step, or on a copy of what is committed. */
  async read<T>(read: (doc: Y.Doc) => T): Promise<T> {
    for (;;) {
      if (this.#state.inStep) return read(this.#state.inStep);
      if (this.#state.ahead) return this.#later(read);
      try {
        await this.#state.gate();
      } catch {
        // The database is away; what is committed is here.
        return read(await this.#state.copy());
      }
    }
  }

  /** A commit has ended. */
  answer(): void {
    const doc = this.#state.inStep;
    if (!doc) return;
    for (const { run, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer);
      run(doc);
    }
  }

  #later<T>(read: (doc: Y.Doc) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = (doc: Y.Doc): void => {
        try {
          resolve(read(doc));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((reader) => reader.timer !== timer);
        this.#state.copy().then(run, reject);
      }, patience);
      this.#waiting.push({ run, timer });
    });
  }
}
