/** The session of one person in this page: opens rooms, adds up what became of their words, keeps their drafts. */

import type { RoomName } from '#core/rooms.js';
import { v7 as uuid } from 'uuid';
import { browserClock } from './clock.js';
import { connect } from './connect.js';
import { worst } from './delivery.js';
import { DraftList, withParents, writesOfDrafts } from './drafts.js';
import type { Clock, DeviceStore, OutboxEntry, Transport } from './ports.js';
import { LiveCopy } from './room-copy.js';
import { openStore } from './store.js';
import type { Delivery, Draft, RoomCopy, Session } from './types.js';
import { Value } from './value.js';

export interface SessionOptions {
  me: { id: string; name: string };
  /** The server's address; the page's own when left out. */
  url?: string;
  /** Left out: this browser's IndexedDB, a Socket.IO connection, and the browser's clock. */
  storage?: DeviceStore;
  transport?: Transport;
  clock?: Clock;
}

/** Resolves when this device is read, before any network; what waits from earlier is being sent from then on. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { me, clock = browserClock } = options;
  const storage = options.storage ?? (await openStore(me.id));
  const transport = options.transport ?? connect(options.url ?? globalThis.location.origin, clock);
  const session = new LiveSession(me, { storage, transport, clock });
  await session.load();
  return session;
}

class LiveSession implements Session {
  readonly me: { id: string; name: string };
  readonly delivery = new Value<Delivery>({ state: 'stored', count: 0 });
  readonly keeps: Value<boolean>;
  readonly connection: Transport['state'];
  readonly drafts: DraftList['all'];

  readonly #storage: DeviceStore;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #drafts = new DraftList();
  readonly #copies = new Map<RoomName, { copy: LiveCopy; stop: () => void }>();
  readonly #resending = new Set<string>();
  readonly #stopListening: () => void;
  /** The server's clock minus ours, in milliseconds. */
  #ahead = 0;

  constructor(
    me: Session['me'],
    { storage, transport, clock }: { storage: DeviceStore; transport: Transport; clock: Clock },
  ) {
    this.me = me;
    this.#storage = storage;
    this.#transport = transport;
    this.#clock = clock;
    this.keeps = new Value(storage.lasting);
    this.connection = transport.state;
    this.drafts = this.#drafts.all;
    this.#drafts.all.subscribe(() => this.#review());
    this.#stopListening = transport.listen({
      update: (update) => this.#copies.get(update.room)?.copy.receive({ update }),
      presence: (presence) => this.#copies.get(presence.room)?.copy.receive({ presence }),
      closed: (closed) => this.#copies.get(closed.room)?.copy.receive({ closed }),
    });
  }

  async load(): Promise<void> {
    try {
      this.#drafts.add(await this.#storage.drafts());
      const copies = (await this.#storage.waiting()).map((room) => this.open(room));
      await Promise.all(copies.map(({ loaded }) => loaded));
      // They close by themselves once what waits in them is stored.
      for (const copy of copies) copy.release();
    } catch (error) {
      this.#failed(error);
    }
  }

  open(room: RoomName): LiveCopy {
    const known = this.#copies.get(room);
    if (known && known.copy.state.get() !== 'closed') return known.copy.hold();
    known?.stop();
    known?.copy.close();
    const copy = new LiveCopy(room, {
      me: this.me.id,
      transport: this.#transport,
      store: this.#storage,
      clock: this.#clock,
      drafts: this.#drafts,
      now: () => this.now(),
      served: (now, asked) => void (this.#ahead = now - (asked + this.#clock.now()) / 2),
      failed: (error) => this.#failed(error),
      idle: (idle) => this.#forget(idle),
    });
    this.#copies.set(room, { copy, stop: copy.delivery.subscribe(() => this.#review()) });
    this.#review();
    return copy.hold();
  }

  resend(draft: Draft): void {
    const chosen = withParents(draft, this.drafts.get()).filter(({ id }) => !this.#resending.has(id));
    if (draft.text !== undefined || !chosen.includes(draft)) return;
    for (const { id } of chosen) this.#resending.add(id);
    const copy = this.open(draft.room);
    void shown(copy)
      .then(() => this.#resend(chosen, copy))
      .finally(() => {
        for (const { id } of chosen) this.#resending.delete(id);
        copy.release();
      });
  }

  discard(draft: Draft): void {
    this.#drafts.remove(new Set([draft.id]));
    this.#storage.takeDrafts([draft.id], null).catch((error: unknown) => this.#failed(error));
  }

  now(): number {
    return Math.round(this.#clock.now() + this.#ahead);
  }

  async close(): Promise<void> {
    for (const { copy, stop } of this.#copies.values()) {
      stop();
      copy.close();
    }
    this.#copies.clear();
    this.#stopListening();
    this.#transport.close();
    await this.#storage.close();
  }

  async #resend(drafts: readonly Draft[], copy: LiveCopy): Promise<void> {
    const ids = drafts.map(({ id }) => id);
    const entry: OutboxEntry = {
      id: uuid(),
      room: copy.name,
      at: this.#clock.now(),
      update: new Uint8Array(),
      writes: writesOfDrafts(drafts, copy.doc.get(), this.me.id, this.now()),
      loose: true,
    };
    const taken = await this.#storage.takeDrafts(ids, entry).catch((error: unknown) => {
      this.#failed(error);
      return true;
    });
    // Otherwise another tab was faster, and has sent or thrown away these words.
    if (taken) copy.enter(entry);
    this.#drafts.remove(new Set(ids));
  }

  #forget(copy: LiveCopy): void {
    const known = this.#copies.get(copy.name);
    if (known?.copy !== copy) return;
    known.stop();
    this.#copies.delete(copy.name);
    this.#review();
  }

  #review(): void {
    const deliveries = [...this.#copies.values()].map(({ copy }) => copy.delivery.get());
    const elsewhere = this.drafts.get().filter(({ room }) => !this.#copies.has(room));
    const last = elsewhere.at(-1);
    if (last) deliveries.push({ state: 'refused', count: elsewhere.length, code: last.code });
    const next = worst(deliveries);
    const { state, count, code } = this.delivery.get();
    if (next.state !== state || next.count !== count || next.code !== code) this.delivery.set(next);
  }

  #failed(error: unknown): void {
    // The page says so; the words live on in memory, and go to the server as ever.
    this.keeps.set(false);
    console.error('this device did not keep something', error);
  }
}

/** Resolves once the copy has something to show, or never will. */
function shown({ state }: RoomCopy): Promise<void> {
  return new Promise((resolve) => {
    const stop = state.subscribe(check);
    check();
    function check(): void {
      if (state.get() === 'loading') return;
      stop();
      resolve();
    }
  });
}
