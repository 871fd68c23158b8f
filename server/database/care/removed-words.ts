/**
 * Where in a layer's history the words of removed things stand: every struct that ever gave one of them a value. Words
 * that the document itself has dropped still stand in older rows of the log, under the ids that are gathered here.
 */

import type * as Y from 'yjs';

/** The two maps whose entries hold words that a removal takes back. */
export const wordMaps = ['annotations', 'comments'] as const;
export type WordMap = (typeof wordMaps)[number];

/** The ids of one Yjs client: for each range of clocks, in order, the map it belongs to. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly map: WordMap;
}

export class RemovedWords {
  readonly #ranges = new Map<number, Range[]>();
  /** How many annotations and comments are removed. */
  readonly count: number;

  /** @param doc a layer's whole document */
  constructor(doc: Y.Doc) {
    const removed = doc.getMap('removed');
    this.count = removed.size;
    for (const name of wordMaps) {
      const map = doc.getMap(name);
      for (const key of removed.keys()) {
        // All that was ever set under a key hangs together, the newest at the right; what is not deleted is blank.
        for (let item = map._map.get(key) ?? null; item; item = item.left)
          if (item.deleted) this.#add(item.id, item.length, name);
      }
    }
    for (const ranges of this.#ranges.values()) ranges.sort((a, b) => a.start - b.start);
  }

  #add({ client, clock }: Y.ID, length: number, map: WordMap): void {
    const ranges = this.#ranges.get(client);
    const range = { start: clock, end: clock + length, map };
    if (ranges) ranges.push(range);
    else this.#ranges.set(client, [range]);
  }

  /** The map that this id gave a removed thing's value in; null: it did not. */
  at(client: number, clock: number): WordMap | null {
    const ranges = this.#ranges.get(client);
    if (!ranges) return null;
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ranges[middle]?.end ?? 0) <= clock) low = middle + 1;
      else high = middle;
    }
    const range = ranges[low];
    return range && range.start <= clock ? range.map : null;
  }
}
