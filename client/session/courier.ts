/**
 * Carries a room's outbox to the server: one update in flight, and what waited meanwhile merged into the next one.
 * It knows the answers that pass (`busy`, `behind`) and hands those that last to the room's copy.
 */

import type { RefusalCode } from '#core/result.js';
import type { RoomName } from '#core/rooms.js';
import type { UpdateAnswer } from '#core/wire.js';
import * as Y from 'yjs';
import { backOff } from './clock.js';
import type { Outbox } from './outbox.js';
import type { Clock, OutboxEntry, Transport } from './ports.js';

/** Bytes of waiting updates that are merged into one message. */
const batchBytes = 256 * 1024;

export type Acknowledgement = Extract<UpdateAnswer, { ok: true }>;

export interface CourierEvents {
  /** These are in the log. `answer` is null when it belongs to an earlier join. */
  stored(entries: readonly OutboxEntry[], answer: Acknowledgement | null): void;
  /** For good: this copy cannot go on. `culprits` is empty when it may have been any entry: they go one by one next. */
  refused(code: RefusalCode, culprits: readonly OutboxEntry[]): void;
  /** The server and this copy do not agree on what has been said: join again. */
  rejoin(): void;
  signedOut(): void;
  /** `stuck` has changed. */
  changed(): void;
}

interface Parcel {
  readonly update: Uint8Array;
  readonly entries: readonly OutboxEntry[];
}

export class Courier {
  /** After a refusal that may be any entry's: each is sent by itself, until none is left. */
  oneByOne = false;
  /** The server asked to try later. */
  stuck = false;

  readonly #room: RoomName;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  readonly #doc: () => Y.Doc;
  readonly #events: CourierEvents;
  /** Another number after each join and each loss of the connection. */
  #round = 0;
  #open = false;
  #inFlight = false;
  #cancelPause: (() => void) | null = null;
  /** The next update holds everything since this state vector. */
  #since: Uint8Array | null = null;
  #tries = 0;
  #behind = 0;

  constructor(
    room: RoomName,
    services: { transport: Transport; clock: Clock; outbox: Outbox; doc: () => Y.Doc },
    events: CourierEvents,
  ) {
    this.#room = room;
    this.#transport = services.transport;
    this.#clock = services.clock;
    this.#outbox = services.outbox;
    this.#doc = services.doc;
    this.#events = events;
  }

  /** The room is joined. `stateVector`: what the server knows, where the join told it; else all that waits goes as it was made. */
  start(stateVector: Uint8Array | null): void {
    this.stop();
    this.#open = true;
    this.#since = this.#outbox.entries.length > 0 ? stateVector : null;
    this.send();
  }

  /** What is in flight may have arrived or not: it is sent again after the next join. */
  stop(): void {
    this.#round++;
    this.#open = false;
    this.#inFlight = false;
    this.#cancelPause?.();
    this.#cancelPause = null;
  }

  /** Sends what waits, if anything does and it may be sent now. */
  send(): void {
    if (!this.#open || this.#inFlight || this.#cancelPause) return;
    const parcel = this.#parcel();
    if (!parcel) return;
    this.#inFlight = true;
    const round = this.#round;
    void this.#transport.update(this.#room, parcel.update).then((answer) => {
      // A loosened entry is another object: what became of its old update no longer counts.
      const entries = parcel.entries.filter((entry) => this.#outbox.has(entry));
      if (round !== this.#round) {
        if (answer?.ok) this.#events.stored(entries, null);
        return;
      }
      this.#inFlight = false;
      this.#settle(answer, entries, parcel.entries.length === 1);
    });
  }

  #parcel(): Parcel | null {
    const waiting = this.#outbox.entries.filter(({ loose }) => !loose);
    const [first] = waiting;
    if (!first) {
      this.oneByOne = false;
      return null;
    }
    if (this.oneByOne) return this.#outbox.isKept(first) ? { update: first.update, entries: [first] } : null;
    if (this.#since) {
      // The document holds all of them, so all of them must be kept before it is sent.
      if (!waiting.every((entry) => this.#outbox.isKept(entry))) return null;
      return { update: Y.encodeStateAsUpdate(this.#doc(), this.#since), entries: waiting };
    }
    const entries: OutboxEntry[] = [];
    let size = 0;
    for (const entry of waiting) {
      size += entry.update.length;
      if (!this.#outbox.isKept(entry) || (entries.length > 0 && size > batchBytes)) break;
      entries.push(entry);
    }
    const [only] = entries;
    if (!only) return null;
    const update = entries.length === 1 ? only.update : Y.mergeUpdates(entries.map((entry) => entry.update));
    return { update, entries };
  }

  #settle(answer: UpdateAnswer | null, entries: readonly OutboxEntry[], alone: boolean): void {
    if (!answer) return this.#events.rejoin();
    if (answer.ok) {
      this.#since = null;
      this.#tries = 0;
      this.#behind = 0;
      this.#setStuck(false);
      this.#events.stored(entries, answer);
      this.send();
      return;
    }
    switch (answer.code) {
      case 'busy':
        this.#pause();
        return;
      case 'behind':
        return this.#sendSince(answer.stateVector, entries);
      case 'no-session':
        return this.#events.signedOut();
      case 'no-room':
        // Also what a server answers that has forgotten our join: the next join tells.
        return this.#events.rejoin();
      case 'author':
      case 'owner':
      case 'role':
      case 'fixed':
      case 'shape':
      case 'type':
      case 'path':
      case 'reference':
      case 'removal':
      case 'client':
      case 'limit':
      case 'malformed':
      case 'integrity':
        if (!alone) this.oneByOne = true;
        return this.#events.refused(answer.code, alone ? entries : []);
    }
  }

  #sendSince(stateVector: Uint8Array | undefined, entries: readonly OutboxEntry[]): void {
    // Alone and in a fresh copy it still leans on what nobody has: that will not change.
    if (this.oneByOne) return this.#events.refused('reference', entries);
    if (!stateVector) return this.#events.rejoin();
    if (this.#behind++ > 0) {
      this.#behind = 0;
      this.oneByOne = true;
      return this.#events.refused('reference', []);
    }
    this.#since = stateVector;
    this.send();
  }

  #pause(): void {
    this.#cancelPause = this.#clock.after(backOff(this.#tries++, this.#clock), () => {
      this.#cancelPause = null;
      this.send();
    });
    this.#setStuck(true);
  }

  #setStuck(stuck: boolean): void {
    if (stuck === this.stuck) return;
    this.stuck = stuck;
    this.#events.changed();
  }
}
