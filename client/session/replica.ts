/**
 * The Y.Doc of one room and what is known of it: loaded from this device, brought up by the server's answers and
 * frames, kept on this device as it grows, and replaced as a whole when it must be given up. It sends nothing.
 */

import { noRights, type Rights } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import type { JoinAnswer, RoomUpdate } from '#core/wire.js';
import * as Y from 'yjs';
import { onOwnUpdate, type UpdateListener } from './own-updates.js';
import { fromOutbox, fromServer } from './origin.js';
import type { Clock, DeviceStore, Head, OutboxEntry } from './ports.js';
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
  /** `doc` is only shown until a new one has come. */
  #givenUp = false;
  #tail = 0;

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
    return this.#head !== null && !this.#givenUp;
  }

  get givenUp(): boolean {
    return this.#givenUp;
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
      await this.#apply(doc, updates, () => false);
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

  /** What to join with: empty for a document that replaces this one. */
  stateVector(): Uint8Array {
    return Y.encodeStateVector(this.#givenUp ? new Y.Doc() : this.doc.get());
  }

  /** Is the answer about the room that this is a copy of? */
  fits(answer: Extract<JoinAnswer, { ok: true }>): boolean {
    return this.#givenUp || this.#head === null || this.#head.epoch === answer.epoch;
  }

  /** Takes in what a join brought, piece by piece. Returns false when it became `stale` in between. */
  async take(answer: Extract<JoinAnswer, { ok: true }>, stale: () => boolean): Promise<boolean> {
    const { epoch, seq, may, updates } = answer;
    const whole = this.#head === null;
    const head: Head = { epoch, seq, may, client: this.#head?.client ?? null };
    const doc = this.#givenUp ? new Y.Doc() : this.doc.get();
    this.#keep(this.#store.receive(this.#room, head, updates, whole));
    this.#tail = whole ? 0 : this.#tail + updates.length;
    await this.#apply(doc, updates, stale);
    if (stale()) return false;
    this.#head = head;
    if (this.#givenUp) this.#replaceBy(doc);
    this.may.set(may);
    this.#takeUpClient();
    return true;
  }

  /** Takes in a committed update. Returns false when others before it were missed: then the room must be joined again. */
  frame({ update, seq }: RoomUpdate): boolean {
    if (!this.#advance(seq) || !this.#head) return false;
    Y.applyUpdate(this.doc.get(), update, fromServer);
    this.#keep(this.#store.receive(this.#room, this.#head, [update], false));
    if (++this.#tail > longTail) {
      this.#tail = 0;
      this.#keep(this.#store.compact(this.#room));
    }
    return true;
  }

  /** These entries are in the log. Returns false as `frame` does. `seq` null: it says nothing about this copy. */
  stored(entries: readonly OutboxEntry[], seq: number | null): boolean {
    const inStep = seq === null || this.#advance(seq);
    const { store, clientID } = this.doc.get();
    if (this.#head && this.#store.first() && Y.getState(store, clientID) > 0)
      this.#head = { ...this.#head, client: clientID };
    this.#keep(this.#store.acknowledge(this.#room, this.#head, entries));
    return inStep;
  }

  /** This copy is beyond mending: the next join brings a new one. */
  giveUp(): void {
    this.#givenUp = true;
    this.#head = null;
  }

  close(): void {
    this.#stop();
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
    this.#givenUp = false;
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

  async #apply(doc: Y.Doc, updates: readonly Uint8Array[], stale: () => boolean): Promise<void> {
    let began = this.#clock.now();
    for (const update of updates) {
      Y.applyUpdate(doc, update, fromServer);
      if (update.length < largeUpdate && this.#clock.now() - began < longTask) continue;
      await this.#clock.turn();
      if (stale()) return;
      began = this.#clock.now();
    }
  }
}
