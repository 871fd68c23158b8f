/**
 * Writing my own changes again into another Y.Doc than they were made in: after a refusal, in another epoch, and when
 * a draft is sent again.
 */

import type { RefusalCode } from '#core/result.js';
import type { RoomKind } from '#core/rooms.js';
import type { Writer } from '#core/rules.js';
import { equalityDeep } from 'lib0/function';
import * as Y from 'yjs';
import { fromOutbox, type Origin } from './origin.js';
import type { OutboxEntry } from './ports.js';
import { refusalOf } from './writes.js';

export interface Outcome {
  readonly entry: OutboxEntry;
  /** `written`: Yjs made an update of it. `known`: the document said so already. A code: it cannot be said here. */
  readonly what: 'written' | 'known' | RefusalCode;
}

/** Enters each, oldest first, in a transaction of its own with the origin `again`. */
export function writeAgain(
  entries: readonly OutboxEntry[],
  kind: RoomKind,
  doc: Y.Doc,
  writer: Writer,
): Outcome[] {
  const text = new TextCopy(doc);
  return entries.map((entry) => {
    const code = refusalOf(kind, entry.writes, doc, writer);
    if (code) return { entry, what: code };
    const origin: Origin = { source: 'again', entry };
    const what = kind === 'content' ? text.typeAgain(entry.update, origin) : setAgain(doc, entry, origin);
    return { entry, what };
  });
}

function setAgain(doc: Y.Doc, { writes }: OutboxEntry, origin: Origin): 'written' | 'known' {
  const news = writes.filter(({ map, key, value }) => !equalityDeep(doc.getMap(map).get(key), value));
  doc.transact(() => {
    for (const { map, key, value } of news) {
      // Only one's own reactions are ever taken out.
      if (value === undefined) doc.getMap(map).delete(key);
      else doc.getMap(map).set(key, value);
    }
  }, origin);
  return news.length > 0 ? 'written' : 'known';
}

/**
 * A copy of a text that takes updates as they are, which shows what they would change: so a change that was made in a
 * copy of the text that is gone finds its place, if the text that it leans on is here.
 */
class TextCopy {
  readonly #doc: Y.Doc;
  #copy: Y.Doc | null = null;

  constructor(doc: Y.Doc) {
    this.#doc = doc;
  }

  typeAgain(update: Uint8Array, origin: Origin): 'written' | 'known' | 'reference' {
    if (!this.#copy) {
      this.#copy = new Y.Doc();
      Y.applyUpdate(this.#copy, Y.encodeStateAsUpdate(this.#doc));
    }
    let delta: unknown[] = [];
    const text = this.#copy.getText('content');
    const observe = (event: Y.YTextEvent): void => void (delta = event.delta);
    text.observe(observe);
    Y.applyUpdate(this.#copy, update, fromOutbox);
    text.unobserve(observe);
    if (this.#copy.store.pendingStructs ?? this.#copy.store.pendingDs) {
      this.#copy = null;
      return 'reference';
    }
    if (delta.length === 0) return 'known';
    this.#doc.transact(() => this.#doc.getText('content').applyDelta(delta), origin);
    return 'written';
  }
}
