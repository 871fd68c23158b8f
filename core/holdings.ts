/**
 * What a live Yjs document holds, asked by client id and clock: the one place that looks into Yjs' struct store. It
 * only reads, and finds by binary search; and it sees to it that a transaction costs what it changes, however many
 * client ids the room has had.
 */

import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { Pace, type Steps } from './steps.js';
import type { Known } from './update-reader.js';
import { writeEndings, type Id, type Range } from './update.js';

/** Where a struct belongs: a root type, and a key of it; null: in its list. */
export interface Place {
  readonly root: string;
  readonly key: string | null;
}

export class Holdings implements Known {
  readonly #doc: Y.Doc;
  readonly #store: Y.Doc['store'];
  /** The client ids that the transaction under way adds to; null: any. */
  #adding: ReadonlyMap<number, number> | null = null;
  readonly #types: Y.Doc['share'];
  readonly #roots: ReadonlyMap<unknown, string>;

  /** All of the document's root types must be there already. */
  constructor(doc: Y.Doc) {
    this.#doc = doc;
    this.#store = doc.store;
    this.#narrow();
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

  /** How many structs it has of this client id. */
  structsOf(client: number): number {
    return this.#store.clients.get(client)?.length ?? 0;
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

  /**
   * A transaction that adds structs of these client ids only. Yjs lists the clocks of all client ids at the beginning
   * and at the end of each: 15 ms in a room of 15,000, whatever was changed. Here both lists hold only these.
   */
  transact<T>(clients: Iterable<number>, change: (transaction: Y.Transaction) => T, origin: unknown): T {
    const before = new StatesBefore(this.#store);
    for (const client of clients) before.set(client, this.state(client));
    this.#adding = before;
    try {
      return this.#doc.transact((transaction) => {
        transaction.beforeState = before;
        return change(transaction);
      }, origin);
    } finally {
      this.#adding = null;
    }
  }

  /** What Yjs made of several transactions, as one update: structs since these clocks, and what was ended. */
  *update(since: ReadonlyMap<number, number>, ended: readonly DeleteSet[]): Steps<Uint8Array> {
    const encoder = new Y.UpdateEncoderV1();
    const w = encoder.restEncoder;
    const pace = new Pace();
    const grown = [...since].filter(([client, clock]) => this.state(client) > clock);
    encoding.writeVarUint(w, grown.length);
    for (const [client, clock] of grown) {
      const structs = this.#store.clients.get(client) ?? [];
      const first = Y.findIndexSS(structs, clock);
      encoding.writeVarUint(w, structs.length - first);
      encoding.writeVarUint(w, client);
      encoding.writeVarUint(w, clock);
      for (let at = first; at < structs.length; at++) {
        const length = encoding.length(w);
        structs[at]?.write(encoder, at === first ? clock - (structs[first]?.id.clock ?? clock) : 0);
        if (pace.spend(0.5 + (encoding.length(w) - length) * 0.005)) yield;
      }
    }
    const ranges = new Map<number, Range[]>();
    for (const { clients } of ended)
      for (const [client, items] of clients) {
        const all = ranges.get(client) ?? [];
        ranges.set(client, all);
        for (const { clock, len } of items) {
          all.push({ clock, end: clock + len });
          if (pace.spend(0.2)) yield;
        }
      }
    writeEndings(w, ranges);
    return encoder.toUint8Array();
  }

  /** Yjs lists clocks by `clients.forEach`: within `transact` it sees only the client ids that are added to. */
  #narrow(): void {
    const { clients } = this.#store;
    const forEach = clients.forEach.bind(clients);
    clients.forEach = (visit, that) => {
      if (!this.#adding) return forEach(visit, that);
      for (const client of this.#adding.keys()) {
        const structs = clients.get(client);
        if (structs) visit.call(that, structs, client, clients);
      }
    };
  }
}

type DeleteSet = Y.Transaction['deleteSet'];

/** The clocks before a transaction: of client ids that it does not add to, those of now. */
class StatesBefore extends Map<number, number> {
  readonly #store: Y.Doc['store'];

  constructor(store: Y.Doc['store']) {
    super();
    this.#store = store;
  }

  override get(client: number): number {
    return super.get(client) ?? Y.getState(this.#store, client);
  }
}
