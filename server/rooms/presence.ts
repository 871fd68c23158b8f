/**
 * Who is in a room and where they read: best effort, sampled, stamped by the server. Nothing is bound by it, and
 * the ids that go out are the server's own, so nobody learns another's Yjs client id here.
 */

import type { Present } from '#core/wire.js';

/** What changed since the last tick. */
export interface PresenceChange {
  readonly people: readonly Present[];
  readonly left: readonly number[];
}

/** Milliseconds between two frames: many people are sampled more seldom. */
const tickFor = (people: number): number => (people <= 20 ? 100 : people <= 100 ? 500 : 2000);

export class RoomPresence {
  readonly #present = new Map<number, Present>();
  readonly #changed = new Set<number>();
  readonly #left = new Set<number>();
  readonly #tell: (change: PresenceChange) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(tell: (change: PresenceChange) => void) {
    this.#tell = tell;
  }

  /** Everyone, for somebody who has just come. */
  all(): Present[] {
    return [...this.#present.values()];
  }

  set(person: Present): void {
    this.#present.set(person.id, person);
    this.#left.delete(person.id);
    this.#changed.add(person.id);
    this.#schedule();
  }

  leave(id: number): void {
    if (!this.#present.delete(id)) return;
    this.#changed.delete(id);
    this.#left.add(id);
    this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const people = [...this.#changed].flatMap((id) => this.#present.get(id) ?? []);
      const left = [...this.#left];
      this.#changed.clear();
      this.#left.clear();
      this.#tell({ people, left });
    }, tickFor(this.#present.size));
  }
}
