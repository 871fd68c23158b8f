/**
 * A server in memory for tests of the session: Socket.IO's promises without Socket.IO. Everything that passes between
 * it and its clients lies in one queue that the test moves on by hand, so that a connection can be cut anywhere.
 */

import * as Y from 'yjs';
import { layerMaps } from '#core/entries.js';
import type { RefusalCode } from '#core/result.js';
import { rightsOf, type Rights } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import type { JoinAnswer, Present, PresenceState, RoomUpdate, UpdateAnswer } from '#core/wire.js';
import type { Clock, Connection, Transport, TransportListener, Write } from '../../client/session/ports.js';
import { Value } from '../../client/session/value.js';
import { writesOf } from '../../client/session/writes.js';

/** What an update would change, as a test's rules see it. */
export interface Sent {
  readonly person: string;
  readonly room: RoomName;
  readonly writes: readonly Write[];
  readonly bytes: number;
}

interface FakeRoom {
  doc: Y.Doc;
  epoch: string;
  seq: number;
}

interface Job {
  readonly kind: 'request' | 'answer' | 'frame';
  readonly connection: FakeConnection;
  run(): void;
}

export class FakeServer {
  now = 1_900_000_000_000;
  /** What the server answers to an update instead of taking it; null: it takes it. */
  verdict: (sent: Sent) => RefusalCode | null = () => null;
  rights: (person: string, room: RoomName) => Rights | null = () => rightsOf('editor');
  /** Updates that were taken, refused ones not. */
  readonly taken: Sent[] = [];
  joins = 0;
  readonly #rooms = new Map<RoomName, FakeRoom>();
  readonly #connections = new Set<FakeConnection>();
  #queue: Job[] = [];
  #epochs = 0;

  room(name: RoomName): FakeRoom {
    const room = this.#rooms.get(name) ?? { doc: new Y.Doc(), epoch: `epoch ${++this.#epochs}`, seq: 0 };
    this.#rooms.set(name, room);
    return room;
  }

  connect(person: string): FakeConnection {
    const connection = new FakeConnection(this, person);
    this.#connections.add(connection);
    return connection;
  }

  /** Moves one thing on; false when there is none. */
  step(): boolean {
    const job = this.#queue.shift();
    if (!job) return false;
    if (job.connection.up) job.run();
    return true;
  }

  /** Moves everything on, until nobody has anything to say. */
  async settle(): Promise<void> {
    for (let steps = 0; steps < 10_000; steps++) {
      await turns();
      if (!this.step()) return;
    }
    throw new Error('they never stop');
  }

  /** Moves on until a thing of this kind is next in the queue. */
  async until(kind: Job['kind']): Promise<void> {
    for (;;) {
      await turns();
      if (this.#queue[0]?.kind === kind) return;
      if (!this.step()) throw new Error(`no ${kind} came`);
    }
  }

  /** Somebody else's commit. */
  edit(name: RoomName, change: (doc: Y.Doc) => void, lost = false): void {
    const { doc } = this.room(name);
    let update: Uint8Array | null = null;
    const listen = (bytes: Uint8Array): void => void (update = bytes);
    doc.on('update', listen);
    doc.transact(() => change(doc));
    doc.off('update', listen);
    if (update) this.#commit(name, update, null, lost);
  }

  /** A backup is restored: another state under another epoch. Everyone is cut off. */
  restore(name: RoomName, state: Uint8Array): void {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, state);
    this.#rooms.set(name, { doc, epoch: `epoch ${++this.#epochs}`, seq: 1 });
    for (const connection of this.#connections) connection.cut();
  }

  close(name: RoomName, person: string): void {
    for (const connection of this.#connections) {
      if (connection.person !== person || !connection.rooms.delete(name)) continue;
      this.push('frame', connection, () =>
        connection.tell((to) => to.closed({ room: name, code: 'no-room' })),
      );
    }
  }

  present(name: RoomName, people: Present[], left: number[] = []): void {
    for (const connection of this.#connections)
      if (connection.rooms.has(name))
        this.push('frame', connection, () =>
          connection.tell((to) => to.presence({ room: name, people, left })),
        );
  }

  push(kind: Job['kind'], connection: FakeConnection, run: () => void): void {
    this.#queue.push({ kind, connection, run });
  }

  drop(connection: FakeConnection): void {
    this.#queue = this.#queue.filter((job) => job.connection !== connection);
  }

  answerJoin(connection: FakeConnection, name: RoomName, stateVector: Uint8Array): JoinAnswer {
    this.joins++;
    const may = this.rights(connection.person, name);
    if (!may) return { ok: false, code: 'no-room', message: 'no such room' };
    connection.rooms.add(name);
    const { doc, epoch, seq } = this.room(name);
    const updates = [Y.encodeStateAsUpdate(doc, stateVector)];
    return { ok: true, updates, stateVector: Y.encodeStateVector(doc), epoch, seq, may, now: this.now };
  }

  answerUpdate(connection: FakeConnection, name: RoomName, update: Uint8Array): UpdateAnswer {
    const room = this.room(name);
    if (!connection.rooms.has(name)) return { ok: false, code: 'no-room', message: 'join first' };
    const scratch = new Y.Doc();
    // A map is one only once somebody has asked for it by name.
    for (const map of [...layerMaps, 'seen']) scratch.getMap(map);
    Y.applyUpdate(scratch, Y.encodeStateAsUpdate(room.doc));
    const writes: Write[] = [];
    let effect: Uint8Array | null = null;
    scratch.on('update', (bytes: Uint8Array, _origin: unknown, _doc: Y.Doc, transaction: Y.Transaction) => {
      effect = bytes;
      writes.push(...writesOf(transaction));
    });
    Y.applyUpdate(scratch, update);
    const sent = { person: connection.person, room: name, writes, bytes: update.length };
    const code = this.verdict(sent);
    if (code || scratch.store.pendingStructs) {
      const refusal = { ok: false as const, code: code ?? ('behind' as const), message: 'refused' };
      return refusal.code === 'behind' ? { ...refusal, stateVector: Y.encodeStateVector(room.doc) } : refusal;
    }
    this.taken.push(sent);
    if (effect) {
      Y.applyUpdate(room.doc, effect);
      this.#commit(name, effect, connection, false);
    }
    return { ok: true, seq: room.seq };
  }

  #commit(name: RoomName, update: Uint8Array, only: FakeConnection | null, lost: boolean): void {
    const seq = ++this.room(name).seq;
    const frame: RoomUpdate = { room: name, update, seq };
    if (lost) return;
    for (const connection of this.#connections)
      if (connection !== only && connection.rooms.has(name))
        this.push('frame', connection, () => connection.tell((to) => to.update(frame)));
  }
}

/** One person's connection. The test brings it up and cuts it. */
export class FakeConnection implements Transport {
  readonly state = new Value<Connection>('connecting');
  readonly person: string;
  readonly rooms = new Set<RoomName>();
  readonly told: { room: RoomName; state: PresenceState | null }[] = [];
  readonly #server: FakeServer;
  readonly #listeners = new Set<TransportListener>();

  constructor(server: FakeServer, person: string) {
    this.#server = server;
    this.person = person;
  }

  get up(): boolean {
    return this.state.get() === 'online';
  }

  open(): void {
    this.state.set('online');
  }

  /** What is on its way in either direction is lost. */
  cut(): void {
    this.rooms.clear();
    this.#server.drop(this);
    if (this.state.get() !== 'signed-out') this.state.set('offline');
  }

  tell(what: (listener: TransportListener) => void): void {
    for (const listener of this.#listeners) what(listener);
  }

  join(room: RoomName, stateVector: Uint8Array): Promise<JoinAnswer | null> {
    return this.#ask(() => this.#server.answerJoin(this, room, stateVector));
  }
  update(room: RoomName, update: Uint8Array): Promise<UpdateAnswer | null> {
    return this.#ask(() => this.#server.answerUpdate(this, room, update));
  }
  leave(room: RoomName): void {
    this.rooms.delete(room);
  }
  presence(room: RoomName, state: PresenceState | null): void {
    this.told.push({ room, state });
  }
  listen(listener: TransportListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  signOut(): void {
    this.cut();
    this.state.set('signed-out');
  }
  close(): void {
    this.cut();
    this.#listeners.clear();
  }

  /** An answer that is lost never comes: the session must not wait for it. */
  #ask<T>(answer: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#server.push('request', this, () => {
        const given = answer();
        this.#server.push('answer', this, () => resolve(given));
      });
    });
  }
}

/** Time stands until a test moves it. */
export class FakeClock implements Clock {
  #now = 1_900_000_000_000;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }
  random(): number {
    return 1;
  }
  turn(): Promise<void> {
    return Promise.resolve();
  }
  after(delay: number, run: () => void): () => void {
    const timer = { at: this.#now + delay, run };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
  }

  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.at;
      next.run();
    }
    this.#now = until;
  }
}

/** Lets every promise that can go on do so. */
async function turns(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
