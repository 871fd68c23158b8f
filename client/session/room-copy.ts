/**
 * One room as the pages have it: its replica, its outbox and the connection, brought together. Whatever the server
 * answers, what I made is stored, waits, or is a draft; and the document that is shown goes on from there.
 */

import type { RefusalCode } from '#core/result.js';
import { noRights } from '#core/roles.js';
import { parseRoom, type RoomKind, type RoomName } from '#core/rooms.js';
import type { JoinAnswer, Presence, PresenceState, RoomClosed, RoomUpdate } from '#core/wire.js';
import { v7 as uuid } from 'uuid';
import * as Y from 'yjs';
import { backOff } from './clock.js';
import { Courier, type Acknowledgement } from './courier.js';
import { DeliveryWatch } from './delivery.js';
import type { DraftList } from './drafts.js';
import { Entrance } from './entrance.js';
import { asOrigin } from './origin.js';
import { Outbox } from './outbox.js';
import type { UpdateListener } from './own-updates.js';
import type { Clock, DeviceStore, OutboxEntry, Transport } from './ports.js';
import { RoomPresence } from './presence.js';
import { Replica } from './replica.js';
import { Salvage } from './salvage.js';
import type { RoomCopy } from './types.js';
import { Value } from './value.js';
import { writesOf } from './writes.js';

export interface CopyServices {
  readonly me: string;
  readonly transport: Transport;
  readonly store: DeviceStore;
  readonly clock: Clock;
  readonly drafts: DraftList;
  /** The server's time. */
  readonly now: () => number;
  /** The server's clock as a join told it, and what ours said when we asked. */
  readonly served: (now: number, asked: number) => void;
  /** This device did not keep something. */
  readonly failed: (error: unknown) => void;
  /** Nobody holds the copy and nothing of it waits: it is closed. */
  readonly idle: (copy: LiveCopy) => void;
}

export class LiveCopy implements RoomCopy {
  readonly name: RoomName;
  readonly state = new Value<'loading' | 'ready' | 'closed'>('loading');
  readonly unstored = new Value<ReadonlySet<string>>(new Set());
  readonly doc: Replica['doc'];
  readonly may: Replica['may'];
  readonly delivery: DeliveryWatch['delivery'];
  readonly people: RoomPresence['people'];
  readonly crowd: RoomPresence['crowd'];

  readonly #kind: RoomKind;
  readonly #services: CopyServices;
  readonly #replica: Replica;
  readonly #entrance: Entrance;
  readonly #outbox: Outbox;
  readonly #courier: Courier;
  readonly #salvage: Salvage;
  readonly #presence: RoomPresence;
  readonly #watch: DeliveryWatch;
  readonly #stops: (() => void)[];
  /** Resolves when this device has said all that it keeps of the room. */
  readonly loaded: Promise<void>;

  #holders = 0;
  #closed = false;
  #loaded = false;
  #joined = false;
  /** The store is being told that the copy is given up. */
  #dropping = false;
  /** Another number whenever the connection, the join or the copy changes: what began before is void. */
  #round = 0;
  /** Frames that come while the answer to a join is being taken in. */
  #frames: RoomUpdate[] = [];
  #tries = 0;
  #cancelJoin: (() => void) | null = null;

  constructor(name: RoomName, services: CopyServices) {
    const room = parseRoom(name);
    if (!room) throw new Error(`not a room: ${name}`);
    this.name = name;
    this.#kind = room.kind;
    this.#services = services;
    const { transport, clock, store, drafts } = services;
    this.#replica = new Replica(
      name,
      { store, clock, keep: (kept) => void this.#keep(kept) },
      this.#onUpdate,
    );
    this.#entrance = new Entrance(name, {
      transport,
      clock,
      replica: this.#replica,
      served: services.served,
    });
    this.#outbox = new Outbox(store, () => this.#outboxChanged(), services.failed);
    this.#courier = new Courier(
      name,
      { transport, clock, outbox: this.#outbox, doc: () => this.doc.get() },
      {
        stored: (entries, answer) => this.#stored(entries, answer),
        refused: (code, culprits) => void this.#replace(culprits, code),
        rejoin: () => this.#joinLater(),
        signedOut: () => transport.signOut(),
        changed: () => this.#watch.review(),
      },
    );
    const keep = <T>(kept: Promise<T>): Promise<T | undefined> => this.#keep(kept);
    this.#salvage = new Salvage(name, { store, clock, drafts, outbox: this.#outbox, keep });
    this.#presence = new RoomPresence(name, services.me, services);
    const watched = { outbox: this.#outbox, drafts, transport, clock };
    this.#watch = new DeliveryWatch(name, watched, () => this.#courier.stuck);
    this.doc = this.#replica.doc;
    this.may = this.#replica.may;
    this.people = this.#presence.people;
    this.crowd = this.#presence.crowd;
    this.delivery = this.#watch.delivery;
    this.#stops = [
      transport.state.subscribe(() => this.#connectionChanged()),
      drafts.all.subscribe(() => this.#watch.review()),
    ];
    this.#watch.review();
    this.loaded = this.#load();
  }

  setPresence(state: PresenceState | null): void {
    this.#presence.set(state);
  }

  hold(): this {
    this.#holders++;
    return this;
  }

  release(): void {
    if (this.#holders > 0) this.#holders--;
    if (this.#holders === 0) this.#presence.set(null);
    this.#closeIfIdle();
  }

  /** Writes an entry that is in the store's outbox as a change of mine: after a join, for my rights may be others by now. */
  enter(entry: OutboxEntry): void {
    this.#outbox.adopt([entry]);
    if (this.state.get() === 'closed') void this.#salvage.refuse([entry], 'no-room');
    else this.#join();
  }

  /** What the server says of this room without being asked. */
  receive(what: { update: RoomUpdate } | { presence: Presence } | { closed: RoomClosed }): void {
    if ('presence' in what) this.#presence.receive(what.presence);
    else if ('update' in what) this.#frame(what.update);
    else if (what.closed.code === 'no-session') this.#services.transport.signOut();
    else void this.#shut();
  }

  /** Stops at once; what waits is kept on this device. */
  close(): void {
    this.#closed = true;
    for (const stop of this.#stops.splice(0)) stop();
    this.#interrupt();
    this.#presence.left();
    this.#watch.stop();
    this.#replica.close();
  }

  async #load(): Promise<void> {
    const loaded = await this.#keep(this.#replica.load());
    this.#loaded = true;
    if (loaded) this.#outbox.adopt(loaded.outbox);
    if (this.#replica.settled) this.state.set('ready');
    if (loaded?.readable === false) return this.#replace();
    // While the connection is still being made.
    if (this.#services.transport.state.get() === 'connecting') void this.#begin();
    this.#join();
    this.#closeIfIdle();
  }

  #join(): void {
    const online = this.#services.transport.state.get() === 'online';
    if (!online || !this.#loaded || this.#dropping || this.#closed || this.state.get() === 'closed') return;
    const round = this.#interrupt();
    const stale = (): boolean => round !== this.#round;
    this.#enterRoom(stale).catch((error: unknown) => {
      if (!stale()) this.#joinLater();
      throw error;
    });
  }

  #joinLater(): void {
    this.#interrupt();
    const { clock } = this.#services;
    this.#cancelJoin = clock.after(backOff(this.#tries++, clock), () => this.#join());
  }

  /** Ends whatever goes on with the server; returns the number of what may begin. */
  #interrupt(): number {
    this.#joined = false;
    this.#frames = [];
    this.#cancelJoin?.();
    this.#cancelJoin = null;
    this.#courier.stop();
    return ++this.#round;
  }

  async #enterRoom(stale: () => boolean): Promise<void> {
    await this.#begin();
    if (stale()) return;
    const answer = await this.#entrance.ask(stale);
    if (stale()) return;
    if (!answer?.ok) return this.#notLetIn(answer);
    if (!this.#entrance.fits(answer)) return this.#replace();
    if (!(await this.#replica.take(answer, stale))) return;
    await this.#adoptOthers();
    if (stale()) return;

    this.#joined = true;
    this.state.set('ready');
    if (this.#outbox.entries.length === 0) this.#tries = 0;
    const writer = { id: this.#services.me, rights: this.may.get(), now: this.#services.now() };
    this.#salvage.writeAgain(this.#kind, this.doc.get(), writer);
    this.#courier.start(answer.stateVector ?? null);
    this.#presence.entered();
    for (const frame of this.#frames.splice(0)) this.#frame(frame);
  }

  /** Shows what may be had before the room is joined. */
  async #begin(): Promise<void> {
    await this.#entrance.begin(() => !this.#dropping && !this.#closed && this.state.get() !== 'closed');
    if (this.#replica.settled && this.state.get() === 'loading') this.state.set('ready');
  }

  #notLetIn(answer: Extract<JoinAnswer, { ok: false }> | null): void {
    if (answer?.code === 'no-session') this.#services.transport.signOut();
    else if (answer?.code === 'no-room') void this.#shut();
    else this.#joinLater();
  }

  /** Takes over what other tabs of this browser left in the outbox, or are sending: sent twice it is stored once. */
  async #adoptOthers(): Promise<void> {
    const { store } = this.#services;
    if (!store.lasting) return;
    const entries = (await this.#keep(store.outbox(this.name))) ?? [];
    this.#replica.applyOutbox(this.#outbox.adopt(entries.filter(({ loose }) => !loose)));
  }

  #frame(frame: RoomUpdate): void {
    if (!this.#joined) this.#frames.push(frame);
    else if (!this.#replica.frame(frame)) this.#join();
  }

  #stored(entries: readonly OutboxEntry[], answer: Acknowledgement | null): void {
    this.#tries = 0;
    const inStep = this.#replica.stored(entries, answer);
    this.#outbox.remove(new Set(entries.map(({ id }) => id)));
    if (!inStep) this.#join();
  }

  /** Gives this copy up: culprits become drafts, all else that waits is written again into a new Y.Doc. */
  async #replace(culprits: readonly OutboxEntry[] = [], code: RefusalCode = 'malformed'): Promise<void> {
    this.#interrupt();
    this.#replica.giveUp();
    this.#dropping = true;
    await this.#salvage.refuse(culprits, code);
    await this.#salvage.dropCopy();
    this.#dropping = false;
    this.#join();
  }

  readonly #onUpdate: UpdateListener = (update, source, _, transaction) => {
    const origin = asOrigin(source);
    if (origin?.source === 'again') this.#outbox.put({ ...origin.entry, update, loose: false });
    if (origin) return;
    // Yjs takes needless formats out by itself; where one may not edit, that is nobody's change.
    if (this.#kind === 'content' && !this.may.get().edit && Y.decodeUpdate(update).structs.length === 0)
      return;
    const entry: OutboxEntry = {
      id: uuid(),
      room: this.name,
      at: this.#services.clock.now(),
      update,
      writes: writesOf(transaction),
      loose: this.#replica.givenUp,
    };
    this.#outbox.put(entry);
    if (this.state.get() === 'closed') void this.#salvage.refuse([entry], 'no-room');
  };

  /** The right to the room ended, or there is none: what waits here becomes drafts, the copy goes from this device. */
  async #shut(): Promise<void> {
    if (this.state.get() === 'closed') return;
    this.#interrupt();
    this.#replica.giveUp();
    this.#presence.left();
    this.may.set(noRights);
    this.state.set('closed');
    await this.#salvage.refuse(this.#outbox.entries, 'no-room');
    await this.#salvage.dropCopy();
    this.#closeIfIdle();
  }

  #connectionChanged(): void {
    if (this.#services.transport.state.get() === 'online') this.#join();
    else {
      this.#interrupt();
      this.#presence.left();
    }
    this.#watch.review();
  }

  #outboxChanged(): void {
    const subjects = this.#outbox.subjects();
    const before = this.unstored.get();
    if (subjects.size !== before.size || [...subjects].some((id) => !before.has(id)))
      this.unstored.set(subjects);
    this.#watch.review();
    this.#courier.send();
    this.#closeIfIdle();
  }

  /** Resolves to undefined, once it is told, when the device failed: what is in memory goes on. */
  #keep<T>(kept: Promise<T>): Promise<T | undefined> {
    return kept.catch((error: unknown) => {
      this.#services.failed(error);
      return undefined;
    });
  }

  #closeIfIdle(): void {
    if (this.#closed || this.#holders > 0 || !this.#loaded || this.#outbox.entries.length > 0) return;
    this.close();
    this.#services.transport.leave(this.name);
    this.#services.idle(this);
  }
}
