/**
 * A layer room read as threads and written as entries. Each action writes exactly what the contract names, in one
 * transaction, and only if the rules that the server judges by would take it.
 */

import type { Annotation, Comment, Target } from '#core/entries.js';
import { v7 as uuid } from 'uuid';
import { cleanWords } from './clean-words.js';
import { LayerIndex, type Touched } from './layer-index.js';
import type { Write } from './ports.js';
import type { Layer, RoomCopy, Session, Store, Thread } from './types.js';
import { Value } from './value.js';
import { refusalOf } from './writes.js';

/** For as long as the copy is held. Opening a layer of 10,000 annotations indexes it in about 5 ms. */
export const openLayer = (copy: RoomCopy, session: Session): Layer => new LiveLayer(copy, session);

class LiveLayer implements Layer {
  readonly copy: RoomCopy;
  readonly ids = new Value<readonly string[]>([]);
  readonly #session: Session;
  readonly #threads = new Map<string, ThreadStore>();
  #index: LayerIndex;
  #unstored: ReadonlySet<string>;

  constructor(copy: RoomCopy, session: Session) {
    this.copy = copy;
    this.#session = session;
    this.#unstored = copy.unstored.get();
    this.#index = this.#read();
    copy.doc.subscribe(() => {
      this.#index.close();
      this.#index = this.#read();
      for (const thread of this.#threads.values()) thread.changed();
    });
    copy.unstored.subscribe(() => this.#storedChanged());
  }

  thread(id: string): Store<Thread | undefined> {
    const known = this.#threads.get(id);
    if (known) return known;
    const thread = new ThreadStore(() => this.#index.thread(id, this.#unstored));
    this.#threads.set(id, thread);
    return thread;
  }

  annotate(input: Parameters<Layer['annotate']>[0]): string | null {
    const { target, motivation, color, tags = [], suggestion, body } = input;
    const [id, author, created] = [uuid(), this.#session.me.id, this.#session.now()];
    const clean = tags.map(cleanWords);
    const annotation: Annotation = { author, created, motivation, target, color, tags: clean };
    if (suggestion !== undefined) annotation.suggestion = cleanWords(suggestion);
    const writes: Write[] = [{ map: 'annotations', key: id, value: annotation }];
    if (body !== undefined) {
      const comment: Comment = { annotation: id, author, created, body: cleanWords(body) };
      writes.push({ map: 'comments', key: uuid(), value: comment });
    }
    return this.#write(writes) ? id : null;
  }

  comment(input: Parameters<Layer['comment']>[0]): string | null {
    const { annotation, body, parent, quote } = input;
    const comment: Comment = {
      annotation,
      author: this.#session.me.id,
      created: this.#session.now(),
      body: cleanWords(body),
    };
    if (parent !== undefined) comment.parent = parent;
    if (quote !== undefined) comment.quote = cleanWords(quote);
    const id = uuid();
    return this.#write([{ map: 'comments', key: id, value: comment }]) ? id : null;
  }

  editComment(id: string, body: string): boolean {
    const comment = this.#index.map('comments').get(id);
    if (!comment) return false;
    return this.#write([
      {
        map: 'comments',
        key: id,
        value: { ...comment, body: cleanWords(body), edited: this.#session.now() },
      },
    ]);
  }

  editAnnotation(id: string, change: Parameters<Layer['editAnnotation']>[1]): boolean {
    const annotation = this.#index.map('annotations').get(id);
    if (!annotation) return false;
    const tags = (change.tags ?? annotation.tags).map(cleanWords);
    const value = { ...annotation, ...change, tags, edited: this.#session.now() };
    return this.#write([{ map: 'annotations', key: id, value }]);
  }

  setStatus(annotation: string, state: 'open' | 'resolved'): boolean {
    return this.#write([{ map: 'status', key: annotation, value: { state, ...this.#signed() } }]);
  }

  react(comment: string, emoji: string, on: boolean): boolean {
    const key = `${comment} ${emoji} ${this.#session.me.id}`;
    if (this.#index.map('reactions').has(key) === on) return true;
    return this.#write([{ map: 'reactions', key, value: on ? true : undefined }]);
  }

  remove(id: string): boolean {
    return this.#write([{ map: 'removed', key: id, value: this.#signed() }]);
  }

  move(annotation: string, target: Target): boolean {
    return this.#write([{ map: 'moved', key: annotation, value: { target, ...this.#signed() } }]);
  }

  #signed(): { by: string; at: number } {
    return { by: this.#session.me.id, at: this.#session.now() };
  }

  #write(writes: readonly Write[]): boolean {
    const doc = this.copy.doc.get();
    const writer = { id: this.#session.me.id, rights: this.copy.may.get(), now: this.#session.now() };
    if (refusalOf('layer', writes, doc, writer)) return false;
    doc.transact(() => {
      for (const { map, key, value } of writes) {
        if (value === undefined) doc.getMap(map).delete(key);
        else doc.getMap(map).set(key, value);
      }
    });
    return true;
  }

  #read(): LayerIndex {
    const index = new LayerIndex(this.copy.doc.get(), (touched) => this.#touched(touched));
    this.ids.set(index.ids());
    return index;
  }

  #touched({ threads, added }: Touched): void {
    if (added) this.ids.set(this.#index.ids());
    for (const id of threads) this.#threads.get(id)?.changed();
  }

  #storedChanged(): void {
    const before = this.#unstored;
    this.#unstored = this.copy.unstored.get();
    const changed = new Set<string>();
    for (const id of [...before, ...this.#unstored]) {
      const thread = before.has(id) === this.#unstored.has(id) ? undefined : this.#index.annotationOf(id);
      if (thread !== undefined) changed.add(thread);
    }
    for (const id of changed) this.#threads.get(id)?.changed();
  }
}

/** Reads a thread when somebody asks, and not again until it has changed. */
class ThreadStore implements Store<Thread | undefined> {
  readonly #read: () => Thread | undefined;
  readonly #changes = new Value(0);
  #seen = -1;
  #thread: Thread | undefined;

  constructor(read: () => Thread | undefined) {
    this.#read = read;
  }

  readonly get = (): Thread | undefined => {
    if (this.#seen !== this.#changes.get()) {
      this.#seen = this.#changes.get();
      this.#thread = this.#read();
    }
    return this.#thread;
  };

  readonly subscribe = (listener: () => void): (() => void) => this.#changes.subscribe(listener);

  changed(): void {
    this.#changes.set(this.#changes.get() + 1);
  }
}
