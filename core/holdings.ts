/**
 * What a live Yjs document holds, asked by client id and clock: the one place that looks into Yjs' struct store. It
 * only reads, and finds by binary search.
 */

import * as Y from 'yjs';
import type { Known } from './update-reader.js';
import type { Id, Range } from './update.js';

/** Where a struct belongs: a root type, and a key of it; null: in its list. */
export interface Place {
  readonly root: string;
  readonly key: string | null;
}

export class Holdings implements Known {
  readonly #store: Y.Doc['store'];
  readonly #types: Y.Doc['share'];
  readonly #roots: ReadonlyMap<unknown, string>;

  /** All of the document's root types must be there already. */
  constructor(doc: Y.Doc) {
    this.#store = doc.store;
    this.#types = doc.share;
    this.#roots = new Map(Array.from(doc.share, ([name, type]) => [type, name]));
  }

  clients(): number {
    return this.#store.clients.size;
  }

  structs(): number {
    let structs = 0;
    for (const list of this.#store.clients.values()) structs += list.length;
    return structs;
  }

  state(client: number): number {
    return Y.getState(this.#store, client);
  }

  /** The root's name; undefined for a nested type. */
  rootOf(type: unknown): string | undefined {
    return this.#roots.get(type);
  }

  /** The item that holds this clock, which must be known; null where Yjs has given up its place. */
  itemAt({ client, clock }: Id): Y.Item | null {
    const structs = this.#store.clients.get(client) ?? [];
    const struct = structs[Y.findIndexSS(structs, clock)];
    return struct instanceof Y.Item ? struct : null;
  }

  /** Null where Yjs has given up its place, or for a nested type. */
  placeOf(item: Y.Item | null): Place | null {
    if (!item) return null;
    const root = this.#roots.get(item.parent);
    return root === undefined ? null : { root, key: item.parentSub };
  }

  /** The newest item of a key, or the first of a list; null where there is none. */
  edgeOf(root: string | null, key: string | null): Y.Item | null {
    const type = this.#types.get(root ?? '');
    return (key === null ? type?._start : type?._map.get(key)) ?? null;
  }

  hasEnded(client: number, clock: number, end: number): boolean {
    const structs = this.#store.clients.get(client);
    if (!structs || end > this.state(client)) return false;
    for (let at = Y.findIndexSS(structs, clock); at < structs.length; at++) {
      const struct = structs[at];
      if (!struct || struct.id.clock >= end) return true;
      if (!struct.deleted) return false;
    }
    return true;
  }

  /** The living items in a range, each with the clocks of it that lie inside; what is not known is left out. */
  *living(client: number, { clock, end }: Range): Generator<Range & { readonly item: Y.Item }> {
    const structs = this.#store.clients.get(client);
    if (!structs || clock >= this.state(client)) return;
    for (let at = Y.findIndexSS(structs, clock); at < structs.length; at++) {
      const item = structs[at];
      if (!item || item.id.clock >= end) return;
      if (item instanceof Y.Item && !item.deleted)
        yield {
          item,
          clock: Math.max(clock, item.id.clock),
          end: Math.min(end, item.id.clock + item.length),
        };
    }
  }
}
