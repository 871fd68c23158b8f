/**
 * One live room. Work waits as bytes while a commit is in flight; then all of it is one batch: judged, applied,
 * committed, acknowledged, relayed, in that order. So whenever no commit is in flight the live document equals the
 * database, and nobody sees or is told of what is not stored.
 */

import { Gate } from '#core/gate.js';
import type { Refusal } from '#core/result.js';
import { noRights, type Rights } from '#core/roles.js';
import { parseRoom, type Room, type RoomName } from '#core/rooms.js';
import { randomInt } from 'node:crypto';
import * as Y from 'yjs';
import { judgeBatch, type Judged, type Request, type Source, type Work } from './batch.js';
import type { CommitQueue } from './commit-queue.js';
import { noticesOf, type LayerNotice } from './notices.js';
import type { Access, Clock, Person, RoomLog } from './ports.js';
import { RoomPresence, type PresenceChange } from './presence.js';
import { projectChanges } from './projection.js';
import { blank } from './scrub.js';

/** Once committed, with the room's seq; or why not. `behind` comes with the state vector to send all since. */
export type Answer =
  | { readonly ok: true; readonly seq: number }
  | ({ readonly ok: false; readonly stateVector?: Uint8Array } & Refusal);

/** One committed batch, as everyone in the room is told of it. */
export interface Committed {
  readonly seq: number;
  readonly update: Uint8Array;
  /** Its one sender, who got the acknowledgement instead; null: tell everybody. */
  readonly only: Source | null;
}

/** What a door hears from a room: it passes it on to its own connections. */
export interface RoomListener {
  committed(batch: Committed): void;
  presence(change: PresenceChange): void;
}

export interface RoomServices {
  readonly log: RoomLog;
  readonly queue: CommitQueue;
  readonly access: Pick<Access, 'rights'>;
  readonly clock: Clock;
  /** Other servers may write the same log: a refusal counts only at its head. */
  readonly shared: boolean;
  /** Told after each commit: a bus carries it to the other servers. */
  readonly published: (room: RoomName, seq: number) => void;
  /** Told after each commit in a layer whom it concerns. */
  readonly noticed?: (layer: string, notices: readonly LayerNotice[]) => void;
  readonly report: (problem: string, detail: Record<string, unknown>) => void;
}

interface Waiting extends Request {
  readonly since: number;
  readonly answer: (answer: Answer) => void;
}

interface Reader {
  readonly run: (doc: Y.Doc) => void;
  readonly timer: NodeJS.Timeout;
}

/** Bounds of what may wait for the database; past them the answer is `busy`. */
const waitingRequests = 10_000;
const waitingBytes = 64 * 1024 * 1024;
/** Requests of one batch. */
const batchRequests = 1_000;
/** A read that has waited so long for a commit is answered from the committed bytes. Milliseconds. */
const patience = 250;
/** How long work waits for a database that is away, in milliseconds. */
const waitForDatabase = 30_000;
/** Readers from whom on a batch waits one tick, so that many writers share a frame. */
const crowd = 20;
const tick = 5;
/** Log parts after which a snapshot is worth its cost. */
const longTail = 2_000;

const lockedOut: Refusal = {
  code: 'integrity',
  message: 'your work in this room was stopped: tell the host',
};
const busy = (message: string): Answer => ({ ok: false, code: 'busy', message });
const retryAfter = (attempt: number): number => Math.min(50 * 2 ** attempt, 2_000);
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class LiveRoom {
  readonly name: RoomName;
  readonly presence: RoomPresence;
  /** Connections in the room, over all doors. */
  audience = 0;

  readonly #room: Room;
  readonly #services: RoomServices;
  readonly #listeners = new Set<RoomListener>();
  /** People whose work the document did not take as judged. */
  readonly #lockedOut = new Set<string>();

  #gate!: Gate;
  #owners = new Map<number, string>();
  #epoch = '';
  #seq = 0;
  /** Committed bytes since loading, oldest first: what a read is answered from while the database is slow. */
  #kept: Uint8Array[] = [];
  #keptDoc: Y.Doc | null = null;
  #tail = 0;
  /** The newest seq that another server told of. */
  #heard = 0;
  /** The live document holds what is not committed, or lost what is: it must be loaded again. */
  #ahead = false;
  #stale = false;

  #waiting: Waiting[] = [];
  #bytes = 0;
  #readers: Reader[] = [];
  #running: Promise<void> | null = null;
  #closed = false;

  private constructor(name: RoomName, room: Room, services: RoomServices) {
    this.name = name;
    this.#room = room;
    this.#services = services;
    this.presence = new RoomPresence((change) => {
      for (const listener of this.#listeners) listener.presence(change);
    });
  }

  /** Throws when the name is no room's or the database is away. */
  static async load(name: RoomName, services: RoomServices): Promise<LiveRoom> {
    const room = parseRoom(name);
    if (!room) throw new Error(`not a room: ${name}`);
    const live = new LiveRoom(name, room, services);
    await live.#load();
    return live;
  }

  get epoch(): string {
    return this.#epoch;
  }
  /** Of the newest committed batch. */
  get seq(): number {
    return this.#seq;
  }
  /** Nothing waits and nothing is in flight. */
  get quiet(): boolean {
    return this.#running === null && this.#waiting.length === 0;
  }

  subscribe(listener: RoomListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Answers once the work is committed, never before; no-ops included. */
  submit(person: Person, work: Work, source: Source | null = null): Promise<Answer> {
    const size = work.kind === 'update' ? work.update.length : 0;
    if (this.#closed) return Promise.resolve(busy('the server is stopping'));
    if (this.#waiting.length >= waitingRequests || this.#bytes + size > waitingBytes)
      return Promise.resolve(busy('too much waits to be stored in this room'));
    this.#bytes += size;
    return new Promise((answer) => {
      this.#waiting.push({ person, work, source, since: this.#services.clock.now(), answer });
      this.#start();
    });
  }

  /** Reads the committed document, perhaps a little older than the newest commit. `read` must not change it. */
  read<T>(read: (doc: Y.Doc, at: { epoch: string; seq: number }) => T): Promise<T> {
    const at = (): { epoch: string; seq: number } => ({ epoch: this.#epoch, seq: this.#seq });
    if (!this.#ahead) return Promise.resolve(read(this.#gate.doc, at()));
    return new Promise((resolve, reject) => {
      const run = (doc: Y.Doc): void => {
        try {
          resolve(read(doc, at()));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const timer = setTimeout(() => {
        this.#readers = this.#readers.filter((reader) => reader.timer !== timer);
        run(this.#committedCopy());
      }, patience);
      this.#readers.push({ run, timer });
    });
  }

  /** Another server committed `seq`: catch up if it is news. */
  heard(seq: number): void {
    this.#heard = Math.max(this.#heard, seq);
    if (this.#heard > this.#seq) this.#start();
  }

  /** Stores a snapshot when the tail is longer than `least` parts. Only while quiet. */
  async compact(least: number): Promise<void> {
    if (this.#ahead || this.#stale || this.#tail <= least) return;
    const state = Y.encodeStateAsUpdate(this.#gate.doc);
    const seq = this.#seq;
    this.#kept = [state];
    this.#tail = 0;
    await this.#services.log.snapshot(this.name, seq, state);
  }

  /** Ends the commit in flight; what still waits is not acknowledged, and comes again from its sender. */
  async close(): Promise<void> {
    this.#closed = true;
    this.presence.stop();
    await this.#running;
    for (const { answer } of this.#waiting.splice(0)) answer(busy('the server is stopping'));
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#waiting.length > 0 && !this.#closed) this.#start();
    });
  }

  async #run(): Promise<void> {
    while ((this.#waiting.length > 0 || this.#stale || this.#heard > this.#seq) && !this.#closed) {
      if (this.audience > crowd) await later(tick);
      const batch = this.#waiting.splice(0, batchRequests);
      for (const { work } of batch) if (work.kind === 'update') this.#bytes -= work.update.length;
      await this.#settle(batch);
      this.#answerReaders();
    }
    if (this.#tail > longTail) await this.compact(longTail);
  }

  /** Commits the batch, or keeps trying: whatever went wrong, the room is loaded again and the batch judged again. */
  async #settle(batch: readonly Waiting[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (this.#stale) await this.#load();
        if (this.#heard > this.#seq) await this.#catchUp();
        if (await this.#attempt(batch)) return;
      } catch (error) {
        this.#stale = true;
        this.#services.report('the database did not take a batch', { room: this.name, attempt, error });
        if (batch.length === 0) return later(retryAfter(attempt));
        const oldest = batch[0]?.since ?? this.#services.clock.now();
        if (this.#closed || this.#services.clock.now() - oldest > waitForDatabase) {
          for (const { answer } of batch) answer(busy('the database is away'));
          return;
        }
        await later(retryAfter(attempt));
      }
    }
  }

  /** Returns false when the batch must be judged again. */
  async #attempt(batch: readonly Waiting[]): Promise<boolean> {
    if (batch.length === 0) return true;
    const { access, clock, log, queue, shared } = this.#services;
    const rights = new Map<string, Rights>();
    for (const { person, work } of batch)
      if (work.kind !== 'change' && !rights.has(person.id))
        rights.set(person.id, await access.rights(person.id, this.name));
    const rightsOf = (id: string): Rights =>
      this.#lockedOut.has(id) ? noRights : (rights.get(id) ?? noRights);

    this.#ahead = true;
    const judged = judgeBatch(this.#gate, batch, rightsOf, clock.now());
    if (judged.broken !== null) {
      this.#lockOut(batch[judged.broken], judged.refusals[judged.broken]);
      return false;
    }
    if (shared && judged.refusals.some((refusal) => refusal) && (await log.head(this.name)) > this.#seq) {
      this.#stale = true;
      return false;
    }
    if (judged.parts.length > 0) {
      const seq = this.#seq + 1;
      const { parts, clients, touched } = judged;
      const projection =
        this.#room.kind === 'layer' ? projectChanges(this.#gate.doc, this.#room.id, touched) : [];
      const batchRow = { room: this.name, seq, epoch: this.#epoch, parts, clients, projection };
      if ((await queue.commit(batchRow)) === 'conflict') {
        this.#stale = true;
        return false;
      }
      this.#relay(seq, judged);
    }
    this.#ahead = false;
    this.#answer(batch, judged);
    return true;
  }

  #answer(batch: readonly Waiting[], judged: Judged): void {
    let stateVector: Uint8Array | undefined;
    for (const [index, { person, answer }] of batch.entries()) {
      const refusal = this.#lockedOut.has(person.id) ? lockedOut : judged.refusals[index];
      if (!refusal) answer({ ok: true, seq: this.#seq });
      else if (refusal.code !== 'behind') answer({ ok: false, ...refusal });
      else {
        stateVector ??= Y.encodeStateVector(this.#gate.doc);
        answer({ ok: false, ...refusal, stateVector });
      }
    }
  }

  #relay(seq: number, judged: Judged): void {
    const updates = judged.parts.map(({ update }) => update);
    this.#seq = seq;
    this.#tail += updates.length;
    this.#keep(updates);
    this.#tell({ seq, update: merged(updates), only: judged.only });
    this.#services.published(this.name, seq);
    if (this.#room.kind !== 'layer') return;
    const notices = noticesOf(this.#gate.doc, judged.touched);
    if (notices.length > 0) this.#services.noticed?.(this.#room.id, notices);
  }

  #tell(batch: Committed): void {
    for (const listener of this.#listeners) listener.committed(batch);
  }

  #keep(updates: readonly Uint8Array[]): void {
    this.#kept.push(...updates);
    this.#keptDoc = null;
  }

  #lockOut(request: Waiting | undefined, refusal: Refusal | null | undefined): void {
    this.#stale = true;
    if (!request) return;
    this.#lockedOut.add(request.person.id);
    this.#services.report(
      'an update did what it was not judged to do; its sender is locked out of the room',
      {
        room: this.name,
        person: request.person.id,
        detail: refusal?.message,
      },
    );
  }

  async #load(): Promise<void> {
    const before = this.#seq;
    const loaded = await this.#services.log.load(this.name);
    const owners = new Map(loaded.clients);
    this.#owners = owners;
    this.#gate = new Gate(this.#room, {
      updates: loaded.updates,
      book: {
        owner: (client) => owners.get(client),
        bind: (client, person) => void owners.set(client, person),
      },
      serverClient: freshClient(owners),
      amend: blank,
    });
    this.#epoch = loaded.epoch;
    this.#kept = [...loaded.updates];
    this.#keptDoc = null;
    this.#tail = loaded.tail;
    this.#stale = false;
    this.#ahead = false;
    this.#seq = loaded.seq;
    this.#heard = Math.max(this.#heard, loaded.seq);
    // What other servers committed meanwhile, for those who are here already; what they know they ignore.
    if (before > 0 && loaded.seq > before)
      this.#tell({ seq: loaded.seq, update: Y.encodeStateAsUpdate(this.#gate.doc), only: null });
  }

  async #catchUp(): Promise<void> {
    const missed = await this.#services.log.since(this.name, this.#seq);
    if (!missed) return this.#load();
    for (const { seq, updates, clients } of missed) {
      for (const [client, person] of clients) this.#owners.set(client, person);
      const update = merged(updates);
      this.#gate.follow([update]);
      this.#seq = seq;
      this.#tail += updates.length;
      this.#keep(updates);
      this.#tell({ seq, update, only: null });
    }
    this.#heard = this.#seq;
  }

  #answerReaders(): void {
    if (this.#ahead) return;
    for (const { run, timer } of this.#readers.splice(0)) {
      clearTimeout(timer);
      run(this.#gate.doc);
    }
  }

  #committedCopy(): Y.Doc {
    if (!this.#keptDoc) {
      this.#keptDoc = new Y.Doc();
      for (const update of this.#kept) Y.applyUpdate(this.#keptDoc, update);
    }
    return this.#keptDoc;
  }
}

const merged = (updates: readonly Uint8Array[]): Uint8Array =>
  updates.length === 1 && updates[0] ? updates[0] : Y.mergeUpdates([...updates]);

/** A random Yjs client id that nobody has used in this room. */
function freshClient(taken: ReadonlyMap<number, string>): number {
  for (;;) {
    const client = randomInt(1, 2 ** 32);
    if (!taken.has(client)) return client;
  }
}
