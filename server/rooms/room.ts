/**
 * One room. Work waits as bytes while a commit is in flight; then all of it is one batch: judged, applied, committed,
 * acknowledged, relayed, in that order. So whenever no commit is in flight the live document equals the database, and
 * nobody sees or is told of what is not stored.
 */

import type { Refusal } from '#core/result.js';
import { noRights, type Rights } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import * as Y from 'yjs';
import {
  judgeBatch,
  judgeRefusedAgain,
  meets,
  type Judged,
  type Request,
  type Source,
  type Work,
} from './batch.js';
import type { Budgets } from './budget.js';
import type { CommitQueue } from './commit-queue.js';
import { merged } from './committed-bytes.js';
import { missingIn, missingInBytes, type Asked, type Missing } from './join.js';
import { noticesOf, type LayerNotice } from './notices.js';
import type { Access, Clock, LogCare, Meter, Person, RoomLog, StoredState } from './ports.js';
import { RoomPresence, type PresenceChange } from './presence.js';
import { projectChanges } from './projection.js';
import { Readers } from './readers.js';
import { RoomState } from './room-state.js';
import { inTurns } from './turns.js';

/** Once committed, with the room's seq; or why not. `behind` comes with the state vector to send all since. */
export type Answer =
  | { readonly ok: true; readonly seq: number; readonly alone?: boolean }
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
  readonly budgets?: Budgets;
  readonly meter?: Meter;
  /** Other servers may write the same log: a refusal counts only at its head. */
  readonly shared: boolean;
  /** Told after each commit: a bus carries it to the other servers. */
  readonly published: (room: RoomName, seq: number) => void;
  /** Told after each commit how much the log has grown. */
  readonly care?: LogCare;
  /** Told after each commit in a layer whom it concerns. */
  readonly noticed?: (layer: string, notices: readonly LayerNotice[]) => void;
  readonly report: (problem: string, detail: Record<string, unknown>) => void;
}

/** A state to begin with: as it is stored, or, while there is none to be handed out, as updates. */
export type Handout = { readonly epoch: string; readonly seq: number } & (
  { readonly stored: StoredState } | { readonly updates: readonly Uint8Array[] }
);

interface Waiting extends Request {
  /** By performance.now(). */
  readonly since: number;
  readonly answer: (answer: Answer) => void;
}

/** Bounds of what may wait for the database; past them the answer is `busy`. */
const waitingRequests = 10_000;
const waitingBytes = 64 * 1024 * 1024;
/** Requests of one batch. */
const batchRequests = 1_000;
/** How long work waits for a database that is away, in milliseconds. */
const waitForDatabase = 30_000;
/** In rooms of more readers batches begin at least a tick apart, so that many writers share a frame. Milliseconds. */
const crowd = 20;
const tick = 5;

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

  readonly #services: RoomServices;
  readonly #state: RoomState;
  readonly #readers: Readers;
  readonly #listeners = new Set<RoomListener>();
  /** People whose work the document did not take as judged. */
  readonly #lockedOut = new Set<string>();
  /** The newest seq that another server told of. */
  #heard = 0;

  #waiting: Waiting[] = [];
  #bytes = 0;
  #running: Promise<void> | null = null;
  /** When the last batch began, by performance.now(). */
  #began = -Infinity;
  #closed = false;

  private constructor(state: RoomState, services: RoomServices) {
    this.name = state.name;
    this.#state = state;
    this.#services = services;
    this.#readers = new Readers(state);
    this.presence = new RoomPresence((change) => {
      for (const listener of this.#listeners) listener.presence(change);
    });
    this.#grown();
  }

  /** Throws when the name is no room's or the database is away. */
  static async load(name: RoomName, services: RoomServices): Promise<LiveRoom> {
    return new LiveRoom(await RoomState.load(name, services.log), services);
  }

  get epoch(): string {
    return this.#state.bytes.epoch;
  }
  /** Of the newest committed batch. */
  get seq(): number {
    return this.#state.bytes.seq;
  }
  /** Bytes that the room has taken, roughly: no honest update is larger by much. */
  get took(): number {
    return this.#state.bytes.took;
  }
  /** Updates that wait to be judged or stored. */
  get waiting(): number {
    return this.#waiting.length;
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
      this.#waiting.push({ person, work, source, since: performance.now(), answer });
      this.#start();
    });
  }

  /** Reads the committed document, perhaps a little older than the newest commit. `read` must not change it. */
  read<T>(read: (doc: Y.Doc, at: { epoch: string; seq: number }) => T): Promise<T> {
    return this.#readers.read((doc) => read(doc, { epoch: this.epoch, seq: this.seq }));
  }

  /**
   * What somebody who comes lacks, in at most `most` updates; `enter` is called in the same turn, so that no batch falls
   * between the answer and the first frame. Null where the batch that he names is not here: he must ask by a state vector.
   * Throws when the state vector cannot be read.
   */
  async join<T>(asked: Asked, most: number, enter: (missing: Missing) => T): Promise<T | null> {
    const vector = 'stateVector' in asked ? asked.stateVector : null;
    const known = vector && Y.decodeStateVector(vector).size;
    const inStep = this.#state.inStep;
    // A document that is there says best what little is missing; all of it is copied sooner than written anew.
    if (inStep && vector && (known !== 0 || most !== Infinity))
      return enter(missingIn(inStep, this.#state.bytes, vector, most));
    const inBytes = await missingInBytes(this.#state, this.#services.log, asked, most, enter);
    if (inBytes) return inBytes.answered;
    if (!vector) return null;
    return this.#readers.read((doc) => enter(missingIn(doc, this.#state.bytes, vector, most)));
  }

  /** Yjs' encoded state vector of what is committed. */
  stateVector(): Uint8Array {
    const inStep = this.#state.inStep;
    return inStep ? Y.encodeStateVector(inStep) : this.#state.bytes.stateVector();
  }

  /** A state to begin with, perhaps older than the newest commit; `encode` writes the document where none is stored. */
  async handout(encode: (doc: Y.Doc) => Uint8Array[]): Promise<Handout> {
    const { bytes } = this.#state;
    const { epoch, handout: stored } = bytes;
    if (stored) return { epoch, seq: stored.seq, stored };
    return this.read((doc, at) => ({ ...at, updates: encode(doc) }));
  }

  /** Another server committed `seq`: catch up if it is news. */
  heard(seq: number): void {
    this.#heard = Math.max(this.#heard, seq);
    if (this.#heard > this.seq) this.#start();
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
    while ((this.#waiting.length > 0 || this.#heard > this.seq) && !this.#closed) {
      const soon = this.#began + tick - performance.now();
      if (this.audience > crowd && soon > 0) await later(soon);
      this.#began = performance.now();
      const batch = this.#waiting.splice(0, batchRequests);
      for (const { work } of batch) if (work.kind === 'update') this.#bytes -= work.update.length;
      await this.#settle(batch);
      this.#readers.answer();
    }
  }

  /** Commits the batch, or keeps trying: whatever went wrong, the document is built again and the batch judged again. */
  async #settle(batch: readonly Waiting[]): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        if (this.#heard > this.seq) await this.#catchUp();
        if (await this.#attempt(batch)) return;
      } catch (error) {
        this.#state.drop();
        this.#services.report('the database did not take a batch', { room: this.name, attempt, error });
        if (batch.length === 0) return later(retryAfter(attempt));
        const waited = performance.now() - (batch[0]?.since ?? 0);
        if (this.#closed || waited > waitForDatabase) {
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
    const rights = await this.#rights(batch);
    const gate = await this.#state.gate();
    this.#state.ahead = true;
    const { budgets, clock, meter, shared } = this.#services;
    const court = { gate, rights, budgets, meter, now: clock.now() };
    let judged = await inTurns(judgeBatch(court, batch));
    if (judged.broken !== null) return this.#lockOut(batch[judged.broken], judged);
    if (shared && judged.refusals.some((refusal) => refusal) && !(await this.#atHead())) {
      if (!(await this.#meetOthers(judged))) return false;
      judged = await inTurns(judgeRefusedAgain(court, batch, judged));
      if (judged.broken !== null) return this.#lockOut(batch[judged.broken], judged);
    }
    if (judged.parts.length > 0) {
      const began = performance.now();
      while ((await this.#services.queue.commit(this.#row(gate.doc, judged))) === 'conflict')
        if (!(await this.#meetOthers(judged))) return false;
      meter?.committed(performance.now() - began);
      this.#relay(gate.doc, judged);
    }
    this.#state.ahead = false;
    this.#answer(batch, judged);
    return true;
  }

  async #rights(batch: readonly Waiting[]): Promise<(person: string) => Rights> {
    const rights = new Map<string, Rights>();
    for (const { person, work } of batch)
      if (work.kind !== 'change' && !rights.has(person.id))
        rights.set(person.id, await this.#services.access.rights(person.id, this.name));
    return (id) => (this.#lockedOut.has(id) ? noRights : (rights.get(id) ?? noRights));
  }

  async #atHead(): Promise<boolean> {
    return (await this.#services.log.head(this.name)) <= this.seq;
  }

  #row(doc: Y.Doc, { parts, clients, touched, removes }: Judged): Parameters<CommitQueue['commit']>[0] {
    const { room } = this.#state;
    const projection = room.kind === 'layer' ? projectChanges(doc, room.id, touched) : [];
    return { room: this.name, seq: this.seq + 1, epoch: this.epoch, parts, clients, removes, projection };
  }

  /**
   * Another server was first. What it wrote is taken over; returns false where the two wrote the same keys or client ids,
   * for then ours must be judged again, on top of it.
   */
  async #meetOthers(judged: Judged): Promise<boolean> {
    const others = await this.#missed();
    // Nothing is new: it is the epoch that is another, or whose a client id is.
    const touched = others && others.length > 0 ? await this.#take(others) : null;
    if (!touched) await this.#load();
    // It may be a commit of our own whose answer was lost: then nobody was told.
    this.#services.published(this.name, this.seq);
    if (!others || !touched) return false;
    if (!meets(judged, others, touched)) return true;
    this.#state.drop();
    return false;
  }

  #answer(batch: readonly Waiting[], judged: Judged): void {
    let stateVector: Uint8Array | undefined;
    for (const [index, { person, source, answer }] of batch.entries()) {
      const refusal = this.#lockedOut.has(person.id) ? lockedOut : judged.refusals[index];
      if (!refusal)
        answer({ ok: true, seq: this.seq, ...(source && source === judged.only && { alone: true }) });
      else if (refusal.code !== 'behind') answer({ ok: false, ...refusal });
      else answer({ ok: false, ...refusal, stateVector: (stateVector ??= this.stateVector()) });
    }
  }

  #relay(doc: Y.Doc, { parts, touched, only, removes }: Judged): void {
    const updates = parts.map(({ update }) => update);
    const seq = this.seq + 1;
    // Words and their removal may have met in one batch: what the document has left of it is told, not its parts.
    const update =
      removes && updates.length > 1
        ? Y.encodeStateAsUpdate(doc, this.#state.bytes.stateVector())
        : merged(updates);
    this.#state.committed({ seq, updates }, removes);
    this.#tell({ seq, update, only });
    this.#services.published(this.name, seq);
    this.#grown();
    const { room } = this.#state;
    if (room.kind !== 'layer') return;
    const notices = noticesOf(doc, touched);
    if (notices.length > 0) this.#services.noticed?.(room.id, notices);
  }

  #tell(batch: Committed): void {
    this.#services.meter?.relayed(batch.update.length * this.audience);
    for (const listener of this.#listeners) listener.committed(batch);
  }

  #grown(): void {
    const { bytes } = this.#state;
    this.#services.care?.grown(this.name, bytes.tail, (state) => {
      if (state.seq > this.seq) this.heard(state.seq);
      else this.#state.bytes.renew(state);
    });
  }

  #lockOut(request: Waiting | undefined, { broken, refusals }: Judged): false {
    this.#state.drop();
    if (!request || broken === null) return false;
    this.#lockedOut.add(request.person.id);
    this.#services.report(
      'an update did what it was not judged to do; its sender is locked out of the room',
      { room: this.name, person: request.person.id, detail: refusals[broken]?.message },
    );
    return false;
  }

  /** Compaction took what we lack: everything anew, for those who are here too; what they know they ignore. */
  async #load(): Promise<void> {
    const before = this.seq;
    await this.#state.load();
    this.#heard = Math.max(this.#heard, this.seq);
    if (this.seq <= before) return;
    const { doc } = await this.#state.gate();
    this.#tell({ seq: this.seq, update: Y.encodeStateAsUpdate(doc), only: null });
  }

  async #catchUp(): Promise<void> {
    const heard = this.#heard;
    const missed = await this.#missed();
    if (missed) await this.#take(missed);
    else await this.#load();
    // Told of more meanwhile: then that is still to be caught up with.
    if (this.#heard === heard) this.#heard = this.seq;
  }

  /** Null: everything is to be loaded anew. */
  #missed(): ReturnType<RoomLog['since']> {
    // The epoch of a room without a log is this server's own guess: it is whoever commits first that makes it.
    return this.seq === 0 ? Promise.resolve(null) : this.#services.log.since(this.name, this.seq);
  }

  async #take(batches: NonNullable<Awaited<ReturnType<RoomLog['since']>>>): ReturnType<RoomState['follow']> {
    const touched = await this.#state.follow(batches);
    for (const { seq, updates } of batches) this.#tell({ seq, update: merged(updates), only: null });
    if (batches.length > 0) this.#grown();
    return touched;
  }
}
