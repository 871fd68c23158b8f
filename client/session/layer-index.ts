/**
 * A layer's nine maps read as threads: which comments belong to which annotation, and which reactions to which
 * comment, kept up by what each transaction touches. It equals the index built from nothing (a test compares them).
 */

import { layerMaps, type LayerEntries, type LayerMap } from '#core/entries.js';
import { parseReaction } from '#core/rules.js';
import type * as Y from 'yjs';
import type { CommentView, Thread } from './types.js';

export interface Touched {
  /** Annotations whose thread reads differently now. */
  readonly threads: ReadonlySet<string>;
  /** Was an annotation added? */
  readonly added: boolean;
}

export class LayerIndex {
  readonly #doc: Y.Doc;
  readonly #known: Set<string>;
  readonly #comments = new Map<string, Set<string>>();
  readonly #annotationOf = new Map<string, string>();
  readonly #reactions = new Map<string, Set<string>>();
  readonly #views = new Map<string, CommentView>();
  readonly #stop: () => void;

  /** @param touched is called once a transaction that changed the layer. */
  constructor(doc: Y.Doc, touched: (touched: Touched) => void) {
    this.#doc = doc;
    this.#known = new Set(this.map('annotations').keys());
    for (const id of this.map('comments').keys()) this.#indexComment(id);
    for (const key of this.map('reactions').keys()) this.#indexReaction(key);
    const after = (transaction: Y.Transaction): void => {
      const changes = this.#take(transaction);
      if (changes.threads.size > 0) touched(changes);
    };
    doc.on('afterTransaction', after);
    this.#stop = () => doc.off('afterTransaction', after);
  }

  map<M extends LayerMap>(name: M): Y.Map<LayerEntries[M]> {
    return this.#doc.getMap<LayerEntries[M]>(name);
  }

  ids(): string[] {
    return [...this.#known];
  }

  /** The annotation that an id is, or belongs to as a comment. */
  annotationOf(id: string): string | undefined {
    return this.map('annotations').has(id) ? id : this.#annotationOf.get(id);
  }

  thread(id: string, unstored: ReadonlySet<string>): Thread | undefined {
    const annotation = this.#get('annotations', id);
    if (!annotation) return undefined;
    const moved = this.#get('moved', id);
    const comments = [...(this.#comments.get(id) ?? [])].flatMap((key) => this.#comment(key, unstored) ?? []);
    return {
      id,
      annotation,
      target: moved ? moved.target : annotation.target,
      status: this.#get('status', id) ?? { state: 'open', by: annotation.author, at: annotation.created },
      assigned: this.#get('assigned', id),
      removed: this.#get('removed', id),
      hidden: this.#hidden(id),
      comments: comments.sort(inTime),
      stored: !unstored.has(id),
    };
  }

  close(): void {
    this.#stop();
  }

  #comment(id: string, unstored: ReadonlySet<string>): CommentView | undefined {
    const stored = !unstored.has(id);
    const known = this.#views.get(id);
    if (known?.stored === stored) return known;
    const comment = this.#get('comments', id);
    if (!comment) return undefined;
    const removed = this.#get('removed', id);
    const reactions = this.#reactionsTo(id);
    const view: CommentView = { id, comment, removed, hidden: this.#hidden(id), reactions, stored };
    this.#views.set(id, view);
    return view;
  }

  #hidden(id: string): boolean {
    return this.#get('hidden', id)?.state === 'hidden';
  }

  /** In the order of their keys, which is the same for everybody. */
  #reactionsTo(comment: string): Map<string, string[]> {
    const people = new Map<string, string[]>();
    for (const key of [...(this.#reactions.get(comment) ?? [])].sort()) {
      const reaction = parseReaction(key);
      if (reaction) people.set(reaction.emoji, [...(people.get(reaction.emoji) ?? []), reaction.person]);
    }
    return people;
  }

  #get<M extends LayerMap>(map: M, key: string): LayerEntries[M] | undefined {
    return this.map(map).get(key);
  }

  #take(transaction: Y.Transaction): Touched {
    const threads = new Set<string>();
    let added = false;
    for (const name of layerMaps) {
      // Yjs' types do not count its maps among its types.
      const keys = transaction.changed.get(this.map(name) as never);
      for (const key of keys ?? []) {
        if (key === null) continue;
        if (name === 'comments') this.#indexComment(key);
        if (name === 'reactions') this.#indexReaction(key);
        const id = name === 'reactions' ? (parseReaction(key)?.comment ?? '') : key;
        this.#views.delete(id);
        if (name === 'annotations' && !this.#known.has(key)) {
          this.#known.add(key);
          added = true;
        }
        const thread = this.annotationOf(id);
        if (thread !== undefined) threads.add(thread);
      }
    }
    return { threads, added };
  }

  #indexComment(id: string): void {
    const annotation = this.#get('comments', id)?.annotation;
    const before = this.#annotationOf.get(id);
    if (annotation === before) return;
    if (before !== undefined) this.#comments.get(before)?.delete(id);
    if (annotation === undefined) {
      this.#annotationOf.delete(id);
      return;
    }
    this.#annotationOf.set(id, annotation);
    const siblings = this.#comments.get(annotation) ?? new Set();
    this.#comments.set(annotation, siblings.add(id));
  }

  #indexReaction(key: string): void {
    const reaction = parseReaction(key);
    if (!reaction) return;
    const keys = this.#reactions.get(reaction.comment) ?? new Set();
    if (this.map('reactions').has(key)) keys.add(key);
    else keys.delete(key);
    this.#reactions.set(reaction.comment, keys);
  }
}

const inTime = (a: CommentView, b: CommentView): number =>
  a.comment.created - b.comment.created || (a.id < b.id ? -1 : 1);
