/**
 * A server in memory for tests of the session: Socket.IO's promises without Socket.IO. Everything that passes between
 * it and its clients lies in one queue that the test moves on by hand, so that a connection can be cut anywhere.
 */

import * as Y from 'yjs';
import { layerMaps } from '#core/entries.js';
import { encodeInPieces } from '#core/pieces.js';
import type { RefusalCode } from '#core/result.js';
import { rightsOf, type Rights } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import type { JoinAnswer, Present, PresenceState, RoomUpdate, UpdateAnswer } from '#core/wire.js';
import type {
  Asked,
  Clock,
  Connection,
  RoomState,
  Transport,
  TransportListener,
  Write,
} from '../../client/session/ports.js';
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
  /** The newest batches; where one is missing, a join by it is `behind`. */
  log: { seq: number; update: Uint8Array }[];
  /** The state that is handed out, once `keepState` was called; the newest before that. */
  kept: RoomState | null;
}

interface Job {
  /** `fetch`: a state is asked for, apart from the connection. */
  readonly kind: 'request' | 'answer' | 'frame' | 'fetch';
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
  /** How each of them asked, or that it was answered `behind`. */
  readonly asked: ('since' | 'behind' | 'stateVector')[] = [];
  /** What somebody else does in the same batch as the next update that changes something. */
  together: ((doc: Y.Doc) => void) | null = null;
  readonly #rooms = new Map<RoomName, FakeRoom>();
  readonly #connections = new Set<FakeConnection>();
  #queue: Job[] = [];
  #epochs = 0;

  room(name: RoomName): FakeRoom {
    return this.#rooms.get(name) ?? this.#newRoom(name, new Y.Doc(), 0);
  }

  /** From now on this is the state that is handed out, however old it becomes. */
  keepState(name: RoomName): void {
    const room = this.room(name);
    const { doc, epoch, seq } = room;
    room.kept = { epoch, seq, pieces: encodeInPieces(doc) };
  }

  /** What others are being told never arrives. */
  loseFrames(): void {
    this.#queue = this.#queue.filter(({ kind }) => kind !== 'frame');
  }

  /** This server has not heard of anything yet: the same epoch without a commit. */
  rollBack(name: RoomName): void {
    const room = this.room(name);
    this.#rooms.set(name, { ...room, doc: new Y.Doc(), seq: 0, log: [] });
  }

  /** Old batches are known no more. */
  forgetLog(name: RoomName): void {
    this.room(name).log = [];
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
    if (job.connection.up || job.kind === 'fetch') job.run();
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
    const update = changed(this.room(name).doc, change);
    if (update) this.#commit(name, update, null, lost);
  }

  /** A backup is restored: another state under another epoch. Everyone is cut off. */
  restore(name: RoomName, state: Uint8Array): void {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, state);
    this.#newRoom(name, doc, 1);
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

  present(name: RoomName, people: Present[], left: number[] = [], counts?: Record<string, number>): void {
    for (const connection of this.#connections)
      if (connection.rooms.has(name))
        this.push('frame', connection, () =>
          connection.tell((to) => to.presence({ room: name, people, left, ...(counts && { counts }) })),
        );
  }

  push(kind: Job['kind'], connection: FakeConnection, run: () => void): void {
    this.#queue.push({ kind, connection, run });
  }

  /** What goes over the connection and is on its way is lost. */
  drop(connection: FakeConnection): void {
    this.#queue = this.#queue.filter((job) => job.connection !== connection || job.kind === 'fetch');
  }

  answerFetch(connection: FakeConnection, name: RoomName): RoomState | null {
    if (!connection.reaches || !this.rights(connection.person, name)) return null;
    const { doc, epoch, seq, kept } = this.room(name);
    return kept ?? { epoch, seq, pieces: encodeInPieces(doc) };
  }

  answerJoin(connection: FakeConnection, name: RoomName, asked: Asked): JoinAnswer {
    this.joins++;
    const may = this.rights(connection.person, name);
    if (!may) return { ok: false, code: 'no-room', message: 'no such room' };
    const { doc, epoch, seq, log } = this.room(name);
    const told = { ok: true as const, epoch, seq, may, now: this.now };
    if ('since' in asked) {
      const { since } = asked;
      const updates = log.filter((batch) => batch.seq > since.seq).map(({ update }) => update);
      const known = since.epoch === epoch && since.seq <= seq && updates.length === seq - since.seq;
      this.asked.push(known ? 'since' : 'behind');
      if (!known) return { ok: false, code: 'behind', message: 'ask by a state vector' };
      connection.rooms.add(name);
      return { ...told, updates };
    }
    this.asked.push('stateVector');
    connection.rooms.add(name);
    const updates = encodeInPieces(doc, asked.stateVector);
    return { ...told, updates, stateVector: Y.encodeStateVector(doc) };
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
    if (!effect) return { ok: true, seq: room.seq };
    Y.applyUpdate(room.doc, effect);
    const others = this.together && changed(room.doc, this.together);
    this.together = null;
    this.#commit(name, others ? Y.mergeUpdates([effect, others]) : effect, others ? null : connection, false);
    return { ok: true, seq: room.seq, ...(!others && { alone: true }) };
  }

  #newRoom(name: RoomName, doc: Y.Doc, seq: number): FakeRoom {
    const room = { doc, epoch: `epoch ${++this.#epochs}`, seq, log: [], kept: null };
    this.#rooms.set(name, room);
    return room;
  }

  #commit(name: RoomName, update: Uint8Array, only: FakeConnection | null, lost: boolean): void {
    const room = this.room(name);
    const seq = ++room.seq;
    room.log.push({ seq, update });
    const frame: RoomUpdate = { room: name, update, seq };
    if (lost) return;
    for (const connection of this.#connections)
      if (connection !== only && connection.rooms.has(name))
        this.push('frame', connection, () => connection.tell((to) => to.update(frame)));
  }
}

/** The update that a change makes; null: it changes nothing. */
function changed(doc: Y.Doc, change: (doc: Y.Doc) => void): Uint8Array | null {
  let update: Uint8Array | null = null;
  const listen = (bytes: Uint8Array): void => void (update = bytes);
  doc.on('update', listen);
  doc.transact(() => change(doc));
  doc.off('update', listen);
  return update;
}

/** One person's connection. The test brings it up and cuts it. */
export class FakeConnection implements Transport {
  readonly state = new Value<Connection>('connecting');
  readonly person: string;
  readonly rooms = new Set<RoomName>();
  readonly told: { room: RoomName; state: PresenceState | null }[] = [];
  /** States can be fetched: with the connection, or before it is there. */
  reaches = false;
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
    this.reaches = true;
    this.state.set('online');
  }

  /** What is on its way in either direction is lost. */
  cut(): void {
    this.reaches = false;
    this.rooms.clear();
    this.#server.drop(this);
    if (this.state.get() !== 'signed-out') this.state.set('offline');
  }

  tell(what: (listener: TransportListener) => void): void {
    for (const listener of this.#listeners) what(listener);
  }

  begin(room: RoomName): Promise<RoomState | null> {
    return new Promise((resolve) => {
      this.#server.push('fetch', this, () => resolve(this.#server.answerFetch(this, room)));
    });
  }
  join(room: RoomName, asked: Asked): Promise<JoinAnswer | null> {
    return this.#ask(() => this.#server.answerJoin(this, room, asked));
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
