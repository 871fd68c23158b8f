/**
 * The text of a content room as blocks and as plain words, kept up with its Y.Doc, which may be replaced. Blocks
 * that did not change keep their keys, so that nothing in them is drawn anew and a reader's selection survives.
 */

import type * as Y from 'yjs';
import { resolveAll, type TextChange } from '#core/anchor.js';
import { looksSame, plainText, toBlocks, type Block, type Op } from '#core/delta.js';
import type { Position } from '#core/position.js';
import { Value } from '../session/value.js';
import type { RoomCopy } from '../session/types.js';

export interface KeyedBlock {
  readonly key: number;
  readonly block: Block;
}

export interface TextState {
  readonly text: Y.Text;
  readonly blocks: readonly KeyedBlock[];
  readonly plain: string;
}

/** null: the text was replaced as a whole. */
type Listener = (change: TextChange | null) => void;

export class TextSource {
  readonly state: Value<TextState>;
  readonly #copy: RoomCopy;
  readonly #followers = new Set<Listener>();
  readonly #stop: () => void;
  #text: Y.Text;

  constructor(copy: RoomCopy) {
    this.#copy = copy;
    this.#text = copy.doc.get().getText('content');
    this.state = new Value(read(this.#text, []));
    this.#text.observe(this.#follow);
    this.#stop = copy.doc.subscribe(this.#replace);
  }

  /** Called with each change after the text has undergone it and before `state` says so. */
  onChange(listener: Listener): () => void {
    this.#followers.add(listener);
    return () => this.#followers.delete(listener);
  }

  resolve(positions: readonly (Position | null)[]): Int32Array {
    return resolveAll(this.#text, positions);
  }

  get text(): Y.Text {
    return this.#text;
  }

  close(): void {
    this.#stop();
    this.#text.unobserve(this.#follow);
  }

  readonly #follow = (event: Y.YTextEvent): void => this.#tell(event.delta);

  readonly #replace = (): void => {
    const text = this.#copy.doc.get().getText('content');
    if (text === this.#text) return;
    this.#text.unobserve(this.#follow);
    this.#text = text;
    text.observe(this.#follow);
    this.#tell(null);
  };

  #tell(change: TextChange | null): void {
    for (const follower of this.#followers) follower(change);
    this.state.set(read(this.#text, this.state.get().blocks));
  }
}

function read(text: Y.Text, before: readonly KeyedBlock[]): TextState {
  const delta = text.toDelta() as Op[];
  return { text, blocks: keepKeys(before, toBlocks(delta)), plain: plainText(delta) };
}

let lastKey = 0;

/** Gives blocks the keys that they had: same ones at the head and the tail, and one by one between, then new ones. */
export function keepKeys(before: readonly KeyedBlock[], blocks: readonly Block[]): KeyedBlock[] {
  const same = (old: KeyedBlock | undefined, block: Block | undefined) =>
    old !== undefined && block !== undefined && looksSame(old.block, block);
  let head = 0;
  while (same(before[head], blocks[head])) head++;
  let tail = 0;
  const shorter = Math.min(before.length, blocks.length) - head;
  while (tail < shorter && same(before[before.length - 1 - tail], blocks[blocks.length - 1 - tail])) tail++;
  const kept = before.length - tail;
  return blocks.map((block, index) => {
    const at = index >= blocks.length - tail ? index - blocks.length + before.length : index;
    const old = index >= blocks.length - tail || at < kept ? before[at] : undefined;
    if (old && old.block.from === block.from && looksSame(old.block, block)) return old;
    return { key: old?.key ?? ++lastKey, block };
  });
}
