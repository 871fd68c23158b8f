/**
 * The Y.Doc of one room and what is known of it: loaded from this device, brought up by the server's answers and
 * frames, kept on this device as it grows, and replaced as a whole when it must be given up. It sends nothing.
 */

import { noRights, type Rights } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import type { JoinAnswer, RoomUpdate } from '#core/wire.js';
import type { Acknowledgement } from './courier.js';
import * as Y from 'yjs';
import { onOwnUpdate, type UpdateListener } from './own-updates.js';
import { fromOutbox, fromServer } from './origin.js';
import type { Asked, Clock, DeviceStore, Head, OutboxEntry, RoomState } from './ports.js';
import { Value } from './value.js';

/** Updates of the tail after which it becomes one piece. */
const longTail = 500;
/** Bytes from which on an update is worth a task of its own, and milliseconds that a task may take. */
const largeUpdate = 4 * 1024;
const longTask = 8;

export class Replica {
  readonly doc = new Value(new Y.Doc());
  readonly may = new Value<Rights>(noRights);

  readonly #room: RoomName;
  readonly #store: DeviceStore;
  readonly #clock: Clock;
  readonly #keep: (kept: Promise<unknown>) => void;
  readonly #onUpdate: UpdateListener;
  #stop: () => void;
  /** Null: nothing of the room has come from the server yet, or it is given up. */
  #head: Head | null = null;
  /** `doc` is given up, and only shown until this one is complete. */
  #next: Y.Doc | null = null;
  #tail = 0;
  #closed = false;
  /** What has begun to be taken in is taken in to its end, one after the other. */
  #taking: Promise<unknown> = Promise.resolve();

  /** @param keep is handed every write to the store, and deals with its failure. */
  constructor(
    room: RoomName,
    services: { store: DeviceStore; clock: Clock; keep: (kept: Promise<unknown>) => void },
    onUpdate: UpdateListener,
  ) {
    this.#room = room;
    this.#store = services.store;
    this.#clock = services.clock;
    this.#keep = services.keep;
    this.#onUpdate = onUpdate;
    this.#stop = onOwnUpdate(this.doc.get(), onUpdate);
  }

  /** There is a document that the server knows of, into which one may write. */
  get settled(): boolean {
    return this.begun && !this.givenUp;
  }

  /** The document that is shown, or the one that takes its place, holds the room as it was once. */
  get begun(): boolean {
    return this.#head !== null;
  }

  get givenUp(): boolean {
    return this.#next !== null;
  }

  /**
   * Shows what is kept on this device; returns the outbox that belongs to it.
   * `readable` is false when Yjs cannot read what is kept: then the copy must be given up.
   */
  async load(): Promise<{ outbox: readonly OutboxEntry[]; readable: boolean }> {
    // Asked before reading: what an earlier first tab wrote last is then surely read.
    const first = this.#store.first();
    const { head, updates, tail, outbox } = await this.#store.load(this.#room);
    const doc = this.doc.get();
    try {
      await this.#apply(doc, updates);
      this.applyOutbox(outbox);
    } catch {
      return { outbox, readable: false };
    }
    this.#tail = tail;
    if (head) {
      this.#head = first ? head : { ...head, client: null };
      this.may.set(head.may);
    }
    return { outbox, readable: true };
  }

  /** Shows entries that were made elsewhere: in another tab, or before this page was loaded. */
  applyOutbox(entries: readonly OutboxEntry[]): void {
    for (const { update, loose } of entries) if (!loose) Y.applyUpdate(this.doc.get(), update, fromOutbox);
  }

  /** What to join with, once all is taken in that has begun: by the batch where this copy is whole, which is shortest. */
  async asked(): Promise<Asked> {
    await this.#taking;
    const { store } = this.#current;
    // Something waits for what is not here: then this copy is not what its head says.
    const whole = !store.pendingStructs && !store.pendingDs;
    return this.#head && whole
      ? { since: { epoch: this.#head.epoch, seq: this.#head.seq } }
      : { stateVector: this.stateVector() };
  }

  stateVector(): Uint8Array {
    return Y.encodeStateVector(this.#current);
  }

  /** Is the answer about the room that this is a copy of? */
  fits(answer: Extract<JoinAnswer, { ok: true }>): boolean {
    return this.#head === null || this.#head.epoch === answer.epoch;
  }

  /** Takes in a state that this copy begins with, before a join tells what is newer and what I may do. */
  async begin({ epoch, seq, pieces }: RoomState): Promise<void> {
    await this.#takeIn({ epoch, seq, may: this.may.get(), client: null }, pieces);
  }

  /** Takes in what a join brought, piece by piece. Returns false when it became `stale` in between. */
  async take(
    { epoch, seq, may, updates }: Extract<JoinAnswer, { ok: true }>,
    stale: () => boolean,
  ): Promise<boolean> {
    const taken = await this.#takeIn({ epoch, seq, may, client: this.#head?.client ?? null }, updates);
    if (!taken || stale()) return false;
    if (this.#next) this.#replaceBy(this.#next);
    this.may.set(may);
    this.#takeUpClient();
    return true;
  }

  /** Takes in a committed update. Returns false when others before it were missed: then the room must be joined again. */
  frame({ update, seq }: RoomUpdate): boolean {
    const after = this.#head?.seq ?? -1;
    if (!this.#advance(seq) || !this.#head) return false;
    Y.applyUpdate(this.doc.get(), update, fromServer);
    if (seq <= after) return true;
    this.#keep(this.#store.receive(this.#room, this.#head, [update], after));
    if (++this.#tail > longTail) {
      this.#tail = 0;
      this.#keep(this.#store.compact(this.#room));
    }
    return true;
  }

  /**
   * These entries are in the log. Returns false as `frame` does. Only a batch that is mine alone is here with its
   * acknowledgement; of another a frame comes. `answer` null: it says nothing about this copy.
   */
  stored(entries: readonly OutboxEntry[], answer: Acknowledgement | null): boolean {
    const after = this.#head?.seq ?? -1;
    const inStep = !answer?.alone || this.#advance(answer.seq);
    const { store, clientID } = this.doc.get();
    if (this.#head && this.#store.first() && Y.getState(store, clientID) > 0)
      this.#head = { ...this.#head, client: clientID };
    this.#keep(this.#store.acknowledge(this.#room, this.#head, entries, after));
    return inStep;
  }

  /** This copy is beyond mending: the next join brings a new one. */
  giveUp(): void {
    this.#next = new Y.Doc();
    this.#head = null;
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  /** The document that the server's words go into. */
  get #current(): Y.Doc {
    return this.#next ?? this.doc.get();
  }

  /** Resolves to false when the copy was given up meanwhile. */
  #takeIn(head: Head, updates: readonly Uint8Array[]): Promise<boolean> {
    const after = this.#head?.seq ?? null;
    const doc = this.#current;
    this.#keep(this.#store.receive(this.#room, head, updates, after));
    this.#tail = after === null ? 0 : this.#tail + updates.length;
    const taken = this.#apply(doc, updates).then(() => {
      if (doc !== this.#current) return false;
      this.#head = head;
      return true;
    });
    this.#taking = taken.catch(() => undefined);
    return taken;
  }

  #advance(seq: number): boolean {
    if (!this.#head || seq <= this.#head.seq) return true;
    if (seq > this.#head.seq + 1) return false;
    this.#head = { ...this.#head, seq };
    return true;
  }

  #replaceBy(fresh: Y.Doc): void {
    this.#stop();
    this.#stop = onOwnUpdate(fresh, this.#onUpdate);
    this.#next = null;
    this.doc.set(fresh);
  }

  /**
   * Writes on under the client id of this browser's last visit, so that a room does not collect one a visit. Only
   * after a join: now this copy holds all that the server has of that id, and the outbox what it has not.
   */
  #takeUpClient(): void {
    const client = this.#head?.client ?? null;
    const doc = this.doc.get();
    const unused = Y.getState(doc.store, doc.clientID) === 0;
    if (client !== null && unused && Y.getState(doc.store, client) > 0) doc.clientID = client;
  }

  async #apply(doc: Y.Doc, updates: readonly Uint8Array[]): Promise<void> {
    let began = this.#clock.now();
    for (const update of updates) {
      Y.applyUpdate(doc, update, fromServer);
      if (update.length < largeUpdate && this.#clock.now() - began < longTask) continue;
      await this.#clock.turn();
      if (this.#closed) return;
      began = this.#clock.now();
    }
  }
}
