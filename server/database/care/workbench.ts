/** What the thread does with one room at a time. Values in, values out: tests use it without a thread. */

import { brotliDecompressSync } from 'node:zlib';
import * as Y from 'yjs';
import { readPieces } from '#core/framing.js';
import type { StoredState } from '../../rooms/ports.js';
import { cleansed } from './cleanse.js';
import { makeState } from './make-state.js';
import { merge, type HistoryRow } from './merge.js';
import { RemovedWords } from './removed-words.js';
import { pack, readRows, type Packed, type Place, type Row } from './rows.js';

/** What is written in place of rows; and the last row that was looked at. */
export interface Rewritten {
  readonly places: readonly Place[];
  readonly packed: Packed;
  readonly last: Place;
}

/** What is written to the history, and how many rows of the log it takes the place of, up to the last one. */
export interface Merged {
  readonly rows: readonly Omit<HistoryRow, 'update'>[];
  readonly packed: Packed;
  readonly taken: number;
  readonly last: Place;
}

/** One update, and the rows in which it is stored. */
interface Whole {
  readonly rows: readonly Row[];
  readonly update: Uint8Array;
}

export class Workbench {
  #doc = new Y.Doc();
  #seq = 0;
  #words: RemovedWords | null = null;

  /** Begins with a room: from its stored state, or from nothing. */
  begin(stored: Pick<StoredState, 'seq' | 'pieces'> | null): void {
    this.end();
    if (!stored) return;
    for (const piece of readPieces(brotliDecompressSync(stored.pieces))) Y.applyUpdate(this.#doc, piece);
    this.#seq = stored.seq;
  }

  /** Follows the log. Throws where a batch is missing. */
  follow(window: Uint8Array): Place {
    const rows = readRows(window);
    Y.transact(this.#doc, () => {
      for (const { update } of wholes(rows)) Y.applyUpdate(this.#doc, update);
    });
    for (const { seq } of rows) {
      if (seq > this.#seq + 1) throw new Error(`the log lacks the batch ${this.#seq + 1}`);
      this.#seq = seq;
    }
    return lastOf(rows);
  }

  /** Throws where the log was not whole. */
  state(seq: number): StoredState {
    const { pendingStructs, pendingDs } = this.#doc.store;
    if (this.#seq !== seq || pendingStructs || pendingDs)
      throw new Error(`the log is not whole at ${this.#seq} of ${seq}`);
    return makeState(this.#doc, seq);
  }

  /** How many annotations and comments are removed. */
  removed(): number {
    this.#words = new RemovedWords(this.#doc);
    return this.#words.count;
  }

  /** The rows that hold words of what is removed, without them. `removed` was asked before. */
  cleanse(window: Uint8Array): Rewritten {
    const words = this.#words;
    if (!words) throw new Error('nobody has looked for what is removed');
    const rows = readRows(window);
    const places: Place[] = [];
    const updates: Uint8Array[] = [];
    for (const { rows: stored, update } of wholes(rows)) {
      const clean = cleansed(update, words);
      if (!clean) continue;
      // In as many rows as before; the last one takes what is left.
      let at = 0;
      for (const [i, { seq, part, update: old }] of stored.entries()) {
        const end = i === stored.length - 1 ? clean.length : at + old.length;
        places.push({ seq, part });
        updates.push(clean.subarray(at, end));
        at = Math.min(end, clean.length);
      }
    }
    return { places, packed: pack(updates), last: lastOf(rows) };
  }

  merge(window: Uint8Array): Merged {
    const rows = readRows(window);
    const merged = merge(rows);
    return {
      rows: merged.map(({ update: _update, ...row }) => row),
      packed: pack(merged.map(({ update }) => update)),
      taken: rows.length,
      last: lastOf(rows),
    };
  }

  /** Lets go of the room. */
  end(): void {
    this.#doc.destroy();
    this.#doc = new Y.Doc();
    this.#seq = 0;
    this.#words = null;
  }
}

function* wholes(rows: readonly Row[]): Generator<Whole> {
  let open: Row[] = [];
  for (const row of rows) {
    open.push(row);
    if (row.more) continue;
    const update = open.length === 1 ? row.update : Buffer.concat(open.map(({ update }) => update));
    yield { rows: open, update };
    open = [];
  }
  if (open.length > 0) throw new Error('an update is cut off');
}

function lastOf(rows: readonly Row[]): Place {
  const last = rows.at(-1);
  if (!last) throw new Error('a window without rows');
  return { seq: last.seq, part: last.part };
}
