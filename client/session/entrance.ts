/**
 * How a copy gets to where the room is. A copy of nothing begins with a state over HTTP, which is compressed and there
 * before the socket is; then it joins by the batch up to which it is whole, and by its state vector where that batch is
 * not known.
 */

import type { RoomName } from '#core/rooms.js';
import type { JoinAnswer } from '#core/wire.js';
import type { Clock, Transport } from './ports.js';
import type { Replica } from './replica.js';

interface Services {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly replica: Replica;
  /** The server's clock as a join told it, and what ours said when we asked. */
  readonly served: (now: number, asked: number) => void;
}

export class Entrance {
  readonly #room: RoomName;
  readonly #services: Services;
  #beginning: Promise<void> | null = null;
  /** How often since the last join that fitted the room was another one than the copy's. */
  #unfit = 0;

  constructor(room: RoomName, services: Services) {
    this.#room = room;
    this.#services = services;
  }

  /** Begins a copy of nothing. `wanted`: may the copy still take it in? Resolves also when there is no state to be had. */
  begin(wanted: () => boolean): Promise<void> {
    this.#beginning ??= this.#begin(wanted).finally(() => (this.#beginning = null));
    return this.#beginning;
  }

  /** Null when there was no answer, or nobody waits for it any more. */
  async ask(stale: () => boolean): Promise<JoinAnswer | null> {
    const { transport, clock, replica, served } = this.#services;
    const asked = await replica.asked();
    if (stale()) return null;
    let began = clock.now();
    let answer = await transport.join(this.#room, asked);
    if (answer?.ok === false && answer.code === 'behind' && 'since' in asked && !stale()) {
      // That batch is known no more, or not yet, or is another room's.
      began = clock.now();
      answer = await transport.join(this.#room, { stateVector: replica.stateVector() });
    }
    if (stale()) return null;
    if (answer?.ok) served(answer.now, began);
    return answer;
  }

  /** Is the answer about the room that the copy is of? Otherwise the copy must be given up. */
  fits(answer: Extract<JoinAnswer, { ok: true }>): boolean {
    const fits = this.#services.replica.fits(answer);
    this.#unfit = fits ? 0 : this.#unfit + 1;
    return fits;
  }

  async #begin(wanted: () => boolean): Promise<void> {
    const { transport, replica } = this.#services;
    // A state that did not fit may be one that somebody on the way keeps for too long: a join brings all then.
    if (replica.begun || this.#unfit > 1) return;
    const state = await transport.begin(this.#room);
    if (state && !replica.begun && wanted()) await replica.begin(state);
  }
}
