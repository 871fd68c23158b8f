/**
 * What of a room is committed, as the bytes that the log holds: a stored state and the batches after it. Joins,
 * reconnects and states are answered from here, so that a room is open before its document is built, and so that
 * nobody waits for a commit in flight.
 */

import { readPieces } from '#core/framing.js';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import * as Y from 'yjs';
import type { LoadedRoom, LoggedBatch, StoredState } from './ports.js';

const decompress = promisify(brotliDecompress);

type Vector = ReadonlyMap<number, number>;

export class CommittedBytes {
  readonly epoch: string;
  #seq: number;
  #stored: StoredState | null;
  #tail: LoggedBatch[];
  #bytes: number;
  #parts: number;
  /** The newest batch that removed words which `stored` may still hold; 0: none. */
  #uncleansed: number;

  #storedVector: Vector | null = null;
  /** The tail as one update; null: not made since the last batch. */
  #merged: Uint8Array | null = null;
  /** What all of it holds, for the first `counted` batches of the tail. */
  #vector: { clocks: Map<number, number>; counted: number } | null = null;

  constructor({ epoch, seq, stored, tail, uncleansed }: LoadedRoom) {
    this.epoch = epoch;
    this.#seq = seq;
    this.#stored = stored;
    this.#tail = [...tail];
    this.#parts = tail.reduce((sum, { updates }) => sum + updates.length, 0);
    this.#bytes = tail.reduce((sum, batch) => sum + bytesOf(batch), 0);
    this.#uncleansed = uncleansed ? seq : 0;
  }

  /** Of the newest batch. */
  get seq(): number {
    return this.#seq;
  }
  /** What came after the stored state. */
  get tail(): { parts: number; bytes: number; removed: boolean } {
    return { parts: this.#parts, bytes: this.#bytes, removed: this.#uncleansed > 0 };
  }

  /** Bytes of all of it, roughly: a stored state is some six times as long as it is kept. */
  get took(): number {
    return 8 * (this.#stored?.pieces.length ?? 0) + this.#bytes;
  }

  append(batch: LoggedBatch, removes: boolean): void {
    this.#seq = batch.seq;
    this.#tail.push(batch);
    this.#parts += batch.updates.length;
    this.#bytes += bytesOf(batch);
    if (removes) this.#uncleansed = batch.seq;
    this.#merged = null;
  }

  /** A newer state is stored: what it holds need not be kept twice. */
  renew(state: StoredState): void {
    if (state.seq <= (this.#stored?.seq ?? 0) || state.seq > this.#seq) return;
    this.#stored = state;
    this.#tail = this.#tail.filter(({ seq }) => seq > state.seq);
    this.#parts = this.#tail.reduce((sum, { updates }) => sum + updates.length, 0);
    this.#bytes = this.#tail.reduce((sum, batch) => sum + bytesOf(batch), 0);
    if (this.#uncleansed <= state.seq) this.#uncleansed = 0;
    this.#storedVector = null;
    this.#merged = null;
    this.#vector = null;
  }

  /** The stored state, to be handed out as it is; null where there is none, or where it may hold what was removed. */
  get handout(): StoredState | null {
    return this.#uncleansed > 0 ? null : this.#stored;
  }

  /** All of it as it is now, in the order in which it is to be applied. */
  async updates(): Promise<Uint8Array[]> {
    const tail = this.#tail.flatMap(({ updates }) => updates);
    return [...((await this.storedPieces()) ?? []), ...tail];
  }

  /** The stored state, unpacked; null: there is none. */
  async storedPieces(): Promise<Uint8Array[] | null> {
    return this.#stored && readPieces(await decompress(this.#stored.pieces));
  }

  /** Removed words may still stand in the bytes: only the document is fit to be handed out. */
  get uncleansed(): boolean {
    return this.#uncleansed > 0;
  }

  /** The seq of the stored state. */
  get storedSeq(): number {
    return this.#stored?.seq ?? 0;
  }

  /** The batches after `seq` as one update; null where they are not in memory. */
  since(seq: number, earlier: readonly LoggedBatch[] = []): Uint8Array[] | null {
    const from = earlier[0]?.seq ?? this.storedSeq + 1;
    if (seq < from - 1 || seq > this.#seq) return null;
    const updates = [...earlier, ...this.#tail]
      .filter((batch) => batch.seq > seq)
      .flatMap((batch) => batch.updates);
    return updates.length > 0 ? [merged(updates)] : [];
  }

  /** Yjs' encoded state vector. */
  stateVector(): Uint8Array {
    const vector = (this.#vector ??= { clocks: new Map(this.#base()), counted: 0 });
    for (const { updates } of this.#tail.slice(vector.counted))
      for (const update of updates)
        for (const [client, clock] of Y.parseUpdateMeta(update).to)
          vector.clocks.set(client, Math.max(clock, vector.clocks.get(client) ?? 0));
    vector.counted = this.#tail.length;
    return Y.encodeStateVector(vector.clocks);
  }

  /**
   * What is missing where `known` holds the stored state at least: a few updates, made without a document. Null where
   * it does not. `earlier`: the batches up to the stored state, gapless, that may be used too.
   */
  missing(known: Vector, earlier: readonly LoggedBatch[] = []): Uint8Array[] | null {
    const base = before(this.#base(), earlier);
    for (const [client, clock] of base) if ((known.get(client) ?? 0) < clock) return null;
    const updates = earlier.flatMap((batch) => batch.updates);
    const tail = this.#mergedTail();
    if (tail) updates.push(tail);
    const news =
      updates.length > 0 ? [Y.diffUpdate(merged(updates), Y.encodeStateVector(new Map(known)))] : [];
    return this.#stored ? [this.#stored.deletions, ...news] : news;
  }

  #base(): Vector {
    return (this.#storedVector ??= this.#stored ? Y.decodeStateVector(this.#stored.stateVector) : new Map());
  }

  #mergedTail(): Uint8Array | null {
    if (this.#tail.length === 0) return null;
    return (this.#merged ??= merged(this.#tail.flatMap(({ updates }) => updates)));
  }
}

/** What was held before `batches`, where `after` is held with them. */
function before(after: Vector, batches: readonly LoggedBatch[]): Vector {
  if (batches.length === 0) return after;
  const base = new Map(after);
  for (const { updates } of batches)
    for (const update of updates)
      for (const [client, clock] of Y.parseUpdateMeta(update).from)
        if (clock < (base.get(client) ?? 0)) base.set(client, clock);
  return base;
}

const bytesOf = ({ updates }: LoggedBatch): number => updates.reduce((sum, { length }) => sum + length, 0);

export const merged = (updates: readonly Uint8Array[]): Uint8Array =>
  updates.length === 1 && updates[0] ? updates[0] : Y.mergeUpdates([...updates]);
