/**
 * Where an annotation stands in the text now. A target holds two Yjs relative positions, which follow every edit,
 * and the words as they stood. Here places are made and resolved: all of them in one walk of the text, then kept up
 * by each delta. Finding lost words again by their quote is left to others.
 */

import * as Y from 'yjs';
import { plainText, type Op } from './delta.js';
import { limits, type Target } from './entries.js';
import { encodePosition, type Position } from './position.js';

/** The place at a UTF-16 offset of the text, as `Y.createRelativePositionFromTypeIndex` gives it. */
function positionAt(text: Y.Text, offset: number, assoc: 0 | -1): Position {
  const { item } = Y.createRelativePositionFromTypeIndex(text, offset, assoc);
  return { item, assoc };
}

/**
 * The UTF-16 offsets of all these places, in one walk of the text; -1 where the text does not hold the character
 * (not arrived yet, or of another type). A deleted character's place is where it stood. Equal to Yjs' own
 * resolver without following undone deletions, so every copy of a text answers alike.
 */
export function resolveAll(text: Y.Text, positions: readonly (Position | null)[]): Int32Array {
  const offsets = new Int32Array(positions.length).fill(-1);
  const wanted = new Map<Y.Item, number[]>();
  positions.forEach((position, index) => {
    if (!position) return;
    if (!position.item) {
      offsets[index] = position.assoc >= 0 ? text.length : 0;
      return;
    }
    const item = itemOf(text, position.item);
    if (!item) return;
    const asked = wanted.get(item);
    if (asked) asked.push(index);
    else wanted.set(item, [index]);
  });
  let offset = 0;
  let left = wanted.size;
  for (let item = text._start; item !== null && left > 0; item = item.right) {
    const visible = !item.deleted && item.countable;
    const asked = wanted.get(item);
    if (asked) {
      left--;
      for (const index of asked) offsets[index] = offset + (visible ? within(item, positions[index]) : 0);
    }
    if (visible) offset += item.length;
  }
  return offsets;
}

const within = (item: Y.Item, position: Position | null | undefined): number =>
  position?.item ? position.item.clock - item.id.clock + (position.assoc >= 0 ? 0 : 1) : 0;

function itemOf(text: Y.Text, { client, clock }: { client: number; clock: number }): Y.Item | null {
  const store = text.doc?.store;
  if (!store || clock >= Y.getState(store, client)) return null;
  const item = Y.getItem(store, Y.createID(client, clock)) as Y.Item | Y.GC;
  return item instanceof Y.Item && item.parent === text ? item : null;
}

/** One change of a text, as Yjs' text events give it: `Y.YTextEvent#delta`. */
export type TextChange = readonly {
  retain?: number | undefined;
  insert?: unknown;
  delete?: number | undefined;
}[];

/**
 * Keeps the offsets of many places while the text is edited: shifts them by each delta, and resolves anew only
 * those that an edit touches. Always equal to `resolveAll` of the same places.
 */
export class Tracker {
  readonly #text: Y.Text;
  readonly #positions: (Position | null)[] = [];
  #offsets = new Int32Array(0);

  constructor(text: Y.Text, positions: readonly (Position | null)[] = []) {
    this.#text = text;
    this.add(positions);
  }

  get size(): number {
    return this.#positions.length;
  }

  /** The UTF-16 offset of a place, -1 while it cannot be resolved. */
  at(index: number): number {
    return index < this.size ? (this.#offsets[index] ?? -1) : -1;
  }

  /** Takes in more places; returns the index of the first of them. */
  add(positions: readonly (Position | null)[]): number {
    const first = this.size;
    this.#positions.push(...positions);
    if (this.#offsets.length < this.size) {
      const roomier = new Int32Array(Math.max(64, this.size * 2));
      roomier.set(this.#offsets);
      this.#offsets = roomier;
    }
    this.#offsets.set(resolveAll(this.#text, positions), first);
    return first;
  }

  /** Puts another place where one was: an annotation was attached anew. */
  set(index: number, position: Position | null): void {
    if (index >= this.size) throw new RangeError(`no place ${index}`);
    this.#positions[index] = position;
    this.#resolve([index]);
  }

  /** Follows one change, which the text has already undergone. */
  follow(change: TextChange): void {
    const touched = new Set<number>();
    let at = 0; // in the new text
    for (const { retain, insert, delete: removed } of change) {
      if (retain !== undefined) at += retain;
      else if (removed !== undefined) this.#shrink(at, removed, touched);
      else {
        const length = typeof insert === 'string' ? insert.length : 1;
        this.#grow(at, length, touched);
        at += length;
      }
    }
    for (let index = 0; index < this.size; index++) if (this.#offsets[index] === -1) touched.add(index);
    this.#resolve([...touched]);
  }

  #grow(at: number, length: number, touched: Set<number>): void {
    for (let index = 0; index < this.size; index++) {
      const offset = this.#offsets[index] ?? -1;
      if (offset > at) this.#offsets[index] = offset + length;
      else if (offset === at) touched.add(index);
    }
  }

  #shrink(at: number, length: number, touched: Set<number>): void {
    for (let index = 0; index < this.size; index++) {
      const offset = this.#offsets[index] ?? -1;
      if (offset > at + length) this.#offsets[index] = offset - length;
      else if (offset >= at) {
        this.#offsets[index] = at;
        touched.add(index);
      }
    }
  }

  #resolve(indices: readonly number[]): void {
    if (indices.length === 0) return;
    const offsets = resolveAll(
      this.#text,
      indices.map((index) => this.#positions[index] ?? null),
    );
    indices.forEach((index, k) => (this.#offsets[index] = offsets[k] ?? -1));
  }
}

/** UTF-16 code units of context that are captured on each side of a quote. */
const contextLength = 32;

/**
 * A target for the words from `from` to `to` (UTF-16 offsets of the text), widened to whole characters as readers
 * see them: neither a surrogate pair nor a letter with its marks is cut, in the quote or in its context. Text that
 * is written at its edges stays outside. Throws a RangeError where nothing is selected, or more than
 * `limits.exact`.
 */
export function captureTarget(text: Y.Text, from: number, to: number): Target {
  const plain = plainText(text.toDelta() as Op[]);
  const start = characterEdge(plain, from, 'back');
  const end = characterEdge(plain, to, 'forth');
  if (start >= end) throw new RangeError('an empty target');
  if (end - start > limits.exact) throw new RangeError('a target that is too long');
  return {
    start: encodePosition(positionAt(text, start, 0)),
    end: encodePosition(positionAt(text, end, -1)),
    exact: plain.slice(start, end),
    prefix: plain.slice(characterEdge(plain, start - contextLength, 'forth'), start),
    suffix: plain.slice(end, characterEdge(plain, end + contextLength, 'back')),
    from: start,
    to: end,
  };
}

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** No character that is written in earnest is longer; it bounds the work beside a heap of combining marks. */
const longestCharacter = 64;

/** The nearest edge between two user-perceived characters (UAX #29 grapheme clusters), at `offset` or beside it. */
export function characterEdge(plain: string, offset: number, way: 'back' | 'forth'): number {
  if (offset <= 0) return 0;
  if (offset >= plain.length) return plain.length;
  const from = Math.max(0, offset - longestCharacter);
  const around = characters.segment(plain.slice(from, offset + longestCharacter)).containing(offset - from);
  if (!around || from + around.index === offset) return offset;
  return from + around.index + (way === 'back' ? 0 : around.segment.length);
}

/**
 * - exact: the same words at the same offsets
 * - moved: the same words elsewhere
 * - changed: other words between the same places
 * - lost: no words are left
 */
export type AnchorState = 'exact' | 'moved' | 'changed' | 'lost';

/** How a target stands whose places are now at `from` and `to` of this text; -1 is a place that is not known. */
export function anchorState(target: Target, from: number, to: number, plain: string): AnchorState {
  if (from < 0 || to <= from) return 'lost';
  if (plain.slice(from, to) !== target.exact) return 'changed';
  return from === target.from && to === target.to ? 'exact' : 'moved';
}
