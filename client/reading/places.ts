/**
 * Where every thread of the shown layers stands in the text now: one list in the order of the text, kept up by
 * remote work, edits of the text and one's own acts. A place keeps its identity while nothing about it changes.
 */

import { anchorState, Tracker, type AnchorState } from '#core/anchor.js';
import type { Target } from '#core/entries.js';
import { decodePosition } from '#core/position.js';
import { Value } from '../session/value.js';
import type { Layer, Thread } from '../session/types.js';
import type { TextSource } from './text-source.js';

/** A layer that is shown, and who reads it. */
export interface OpenLayer {
  readonly id: string;
  readonly kind: 'shared' | 'private' | 'section';
  readonly layer: Layer;
}

export interface Place {
  /** Layer and annotation: ids alone are unique within a layer only. */
  readonly key: string;
  readonly id: string;
  readonly layer: OpenLayer;
  readonly thread: Thread;
  /** UTF-16 offsets of the text; where the words were, when they are lost; -1 when that is not known. */
  readonly from: number;
  readonly to: number;
  /** whole: a note on the document. */
  readonly state: AnchorState | 'whole';
}

/** Something that somebody else has just written. */
export interface Arrival {
  readonly author: string;
  readonly key: string;
  readonly kind: 'annotation' | 'comment';
}

interface Watched {
  layer: OpenLayer;
  id: string;
  slot: number;
  target: Target | null | undefined;
  thread: Thread | undefined;
  comments: number;
  place: Place | undefined;
  stop: () => void;
}

export const placeKey = (layer: string, annotation: string): string => `${layer}/${annotation}`;

/** Above this many places, a stream of changes is listed with rests between. */
const many = 200;
/** Milliseconds. A rest is three times what drawing the last list took. */
const rest = { least: 150, most: 1500 };

export class Places {
  readonly all = new Value<readonly Place[]>([]);
  readonly #source: TextSource;
  readonly #watched = new Map<string, Watched>();
  readonly #stops: (() => void)[] = [];
  readonly #arrivals = new Set<(arrival: Arrival) => void>();
  readonly #me: string;
  #tracker: Tracker;
  #due = false;
  #closed = false;
  #listedAt = -Infinity;
  #rest = rest.least;

  constructor(source: TextSource, layers: readonly OpenLayer[], me: string) {
    this.#source = source;
    this.#me = me;
    this.#tracker = new Tracker(source.text);
    this.#stops.push(
      source.onChange((change) => {
        if (change) this.#tracker.follow(change);
        else this.#restart();
        this.#schedule();
      }),
    );
    for (const layer of layers) {
      const take = () => this.#take(layer);
      this.#stops.push(layer.layer.ids.subscribe(take));
      take();
    }
    this.#list();
  }

  find(key: string): Place | undefined {
    return this.#watched.get(key)?.place;
  }

  /** Told of what others write from now on. */
  onArrival(listener: (arrival: Arrival) => void): () => void {
    this.#arrivals.add(listener);
    return () => this.#arrivals.delete(listener);
  }

  close(): void {
    this.#closed = true;
    for (const stop of this.#stops) stop();
    for (const { stop } of this.#watched.values()) stop();
    this.#watched.clear();
  }

  #take(layer: OpenLayer): void {
    const present = new Set<string>();
    for (const id of layer.layer.ids.get()) {
      const key = placeKey(layer.id, id);
      present.add(key);
      if (!this.#watched.has(key)) this.#watch(key, layer, id);
    }
    // A copy that was dropped and joined anew may hold less.
    for (const [key, watched] of this.#watched) {
      if (watched.layer !== layer || present.has(key)) continue;
      watched.stop();
      this.#watched.delete(key);
    }
    this.#schedule();
  }

  #watch(key: string, layer: OpenLayer, id: string): void {
    const store = layer.layer.thread(id);
    const watched: Watched = {
      layer,
      id,
      slot: this.#tracker.add([null, null]),
      target: undefined,
      thread: undefined,
      comments: 0,
      place: undefined,
      stop: () => undefined,
    };
    this.#watched.set(key, watched);
    const read = () => {
      const before = watched.thread;
      watched.thread = store.get();
      this.#aim(watched);
      this.#report(key, watched, before);
      this.#schedule();
    };
    watched.stop = store.subscribe(read);
    read();
  }

  /** Follows another target when the thread has one. */
  #aim(watched: Watched): void {
    const target = watched.thread?.target ?? null;
    if (target === watched.target) return;
    watched.target = target;
    this.#tracker.set(watched.slot, target && decodePosition(target.start));
    this.#tracker.set(watched.slot + 1, target && decodePosition(target.end));
  }

  #report(key: string, watched: Watched, before: Thread | undefined): void {
    const { thread } = watched;
    if (!thread) return;
    if (!before) {
      watched.comments = thread.comments.length;
      if (thread.annotation.author !== this.#me) this.#arrive(key, thread.annotation.author, 'annotation');
      return;
    }
    for (const { comment } of thread.comments.slice(watched.comments)) {
      if (comment.author !== this.#me) this.#arrive(key, comment.author, 'comment');
    }
    watched.comments = thread.comments.length;
  }

  #arrive(key: string, author: string, kind: Arrival['kind']): void {
    for (const listener of this.#arrivals) listener({ key, author, kind });
  }

  #restart(): void {
    this.#tracker = new Tracker(this.#source.text);
    for (const watched of this.#watched.values()) {
      watched.slot = this.#tracker.add([null, null]);
      watched.target = undefined;
      this.#aim(watched);
    }
  }

  /**
   * At once after a quiet time; in a stream of changes, as when a layer is read in pieces, every so often, because
   * all that stands on the page is drawn from the list.
   */
  #schedule(): void {
    if (this.#due) return;
    this.#due = true;
    const list = () => {
      this.#due = false;
      if (!this.#closed) this.#list();
    };
    const busy = this.#watched.size > many && performance.now() - this.#listedAt < this.#rest;
    if (busy) setTimeout(list, this.#rest);
    else queueMicrotask(list);
  }

  #list(): void {
    const { plain } = this.#source.state.get();
    const places: Place[] = [];
    for (const [key, watched] of this.#watched) {
      const { thread, layer, id, slot } = watched;
      if (!thread) continue;
      const from = this.#tracker.at(slot);
      const to = this.#tracker.at(slot + 1);
      const state = thread.target ? anchorState(thread.target, from, to, plain) : 'whole';
      const old = watched.place;
      if (old?.thread !== thread || old.from !== from || old.to !== to || old.state !== state) {
        watched.place = { key, id, layer, thread, from, to, state };
      }
      if (watched.place) places.push(watched.place);
    }
    places.sort(inTextOrder);
    const before = this.all.get();
    const same = places.length === before.length && places.every((place, index) => place === before[index]);
    if (!same) {
      const started = performance.now();
      this.all.set(places);
      // What is set here is drawn before the next task.
      setTimeout(() => {
        this.#rest = Math.min(rest.most, Math.max(rest.least, 3 * (performance.now() - started)));
      });
    }
    this.#listedAt = performance.now();
  }
}

/** By where the passage starts, then the shorter first, then by time. Notes on the whole come first. */
export const inTextOrder = (a: Place, b: Place): number =>
  rank(a) - rank(b) ||
  a.from - b.from ||
  a.to - b.to ||
  a.thread.annotation.created - b.thread.annotation.created ||
  (a.key < b.key ? -1 : 1);

const rank = ({ state, from }: Place): number => (state === 'whole' ? 0 : from < 0 ? 2 : 1);
