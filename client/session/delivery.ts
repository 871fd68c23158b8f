/** What the chip says: what has happened to my words, never better than it is. */

import type { RoomName } from '#core/rooms.js';
import type { DraftList } from './drafts.js';
import type { Outbox } from './outbox.js';
import type { Clock, Connection, Transport } from './ports.js';
import type { Delivery } from './types.js';
import { Value } from './value.js';

/** Milliseconds after which "sending" becomes "not stored yet". */
const patience = 3_000;

const stored: Delivery = { state: 'stored', count: 0 };
const order = ['stored', 'sending', 'waiting', 'offline', 'refused'] as const satisfies Delivery['state'][];

/** Watches over one room's words. */
export class DeliveryWatch {
  readonly delivery = new Value<Delivery>(stored);
  readonly #room: RoomName;
  readonly #outbox: Outbox;
  readonly #drafts: DraftList;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #stuck: () => boolean;
  /** Nothing can have arrived before the connection was there. */
  #since = 0;
  #connection: Connection | null = null;
  #check: (() => void) | null = null;

  /** @param stuck the server asked to try later. */
  constructor(
    room: RoomName,
    services: { outbox: Outbox; drafts: DraftList; transport: Transport; clock: Clock },
    stuck: () => boolean,
  ) {
    this.#room = room;
    this.#outbox = services.outbox;
    this.#drafts = services.drafts;
    this.#transport = services.transport;
    this.#clock = services.clock;
    this.#stuck = stuck;
  }

  /** Called when anything changed that the delivery is made of. */
  review(): void {
    this.#check?.();
    this.#check = null;
    const connection = this.#transport.state.get();
    if (connection !== this.#connection) this.#since = this.#clock.now();
    this.#connection = connection;
    const next = this.#judge(connection);
    if (!sameDelivery(next, this.delivery.get())) this.delivery.set(next);
  }

  stop(): void {
    this.#check?.();
    this.#check = null;
  }

  #judge(connection: Connection): Delivery {
    const drafts = this.#drafts.in(this.#room);
    const refused = drafts.at(-1);
    if (refused) return { state: 'refused', count: drafts.length, code: refused.code };
    const [oldest] = this.#outbox.entries;
    const count = this.#outbox.entries.length;
    if (connection === 'offline' || connection === 'signed-out') return { state: 'offline', count };
    if (!oldest) return stored;
    const left = Math.max(oldest.at, this.#since) + patience - this.#clock.now();
    if (this.#stuck() || left <= 0) return { state: 'waiting', count };
    this.#check = this.#clock.after(left, () => this.review());
    return { state: 'sending', count };
  }
}

/** The worst of several, with the count of all that are in that state. */
export function worst(deliveries: Iterable<Delivery>): Delivery {
  let result = stored;
  for (const one of deliveries) {
    const difference = order.indexOf(one.state) - order.indexOf(result.state);
    if (difference > 0) result = one;
    else if (difference === 0 && one.count > 0) result = { ...one, count: one.count + result.count };
  }
  return result;
}

const sameDelivery = (a: Delivery, b: Delivery): boolean =>
  a.state === b.state && a.count === b.count && a.code === b.code;
