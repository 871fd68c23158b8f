/** A room log whose commits wait until the test lets them go, or fails them: what happens meanwhile can be looked at. */

import type { AppendOutcome, LoadedRoom, RoomBatch, RoomLog } from '../../server/rooms/ports.js';
import type { RoomName } from '../../core/rooms.js';

export class HeldLog implements RoomLog {
  readonly #inner: RoomLog;
  #held: ((error: Error | null) => void)[] | null = null;
  #arrivals: (() => void)[] = [];
  loads = 0;
  /** While set, everything rejects with it: the database is away. */
  away: Error | null = null;

  constructor(inner: RoomLog) {
    this.#inner = inner;
  }

  /** From now on commits wait. */
  hold(): void {
    this.#held ??= [];
  }

  /** Resolves when a commit waits. */
  async arrived(): Promise<void> {
    if (this.#held && this.#held.length > 0) return;
    await new Promise<void>((resolve) => this.#arrivals.push(resolve));
  }

  /** Lets go of the commits that wait, and of all that come. */
  release(error: Error | null = null): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const go of held) go(error);
  }

  async append(batches: readonly RoomBatch[]): Promise<AppendOutcome[]> {
    if (this.#held) {
      const waiting = this.#held;
      const error = await new Promise<Error | null>((go) => {
        waiting.push(go);
        for (const arrived of this.#arrivals.splice(0)) arrived();
      });
      if (error) throw error;
    }
    return this.#here().append(batches);
  }

  async load(room: RoomName): Promise<LoadedRoom> {
    this.loads++;
    return this.#here().load(room);
  }
  since: RoomLog['since'] = async (room, seq) => this.#here().since(room, seq);
  head: RoomLog['head'] = async (room) => this.#here().head(room);
  clients: RoomLog['clients'] = async (room, seq) => this.#here().clients(room, seq);

  #here(): RoomLog {
    if (this.away) throw this.away;
    return this.#inner;
  }
}
