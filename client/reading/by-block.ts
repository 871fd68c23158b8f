/** Which places stand in which block. A block's list keeps its identity while it is the same. */

import type { Place } from './places.js';
import type { KeyedBlock } from './text-source.js';

const none: readonly Place[] = [];

/** Lists anew only when the text or the places changed, and remembers what it listed before. */
export class BlockLister {
  #blocks: readonly KeyedBlock[] = [];
  #places: readonly Place[] = [];
  #lists: readonly (readonly Place[])[] = [];

  list(blocks: readonly KeyedBlock[], places: readonly Place[]): readonly (readonly Place[])[] {
    if (blocks !== this.#blocks || places !== this.#places) {
      this.#blocks = blocks;
      this.#places = places;
      this.#lists = listByBlock(blocks, places, this.#lists);
    }
    return this.#lists;
  }
}

export function listByBlock(
  blocks: readonly KeyedBlock[],
  places: readonly Place[],
  before: readonly (readonly Place[])[],
): readonly (readonly Place[])[] {
  const lists = blocks.map((): Place[] => []);
  let first = 0;
  for (const place of places) {
    if (!isMarked(place)) continue;
    while (first + 1 < blocks.length && (blocks[first + 1]?.block.from ?? 0) <= place.from) first++;
    for (let index = first; (blocks[index]?.block.from ?? Infinity) < place.to; index++)
      lists[index]?.push(place);
  }
  return lists.map((list, index) => {
    const old = before[index];
    if (old && old.length === list.length && list.every((place, k) => place === old[k])) return old;
    return list.length === 0 ? none : list;
  });
}

/** Is it drawn on the text? Not when its words are gone, or when nothing is left of it. */
export const isMarked = ({ state, thread }: Place): boolean =>
  state !== 'lost' && state !== 'whole' && !isEmptied(thread);

/** Removed, and nothing that hangs on it is left to be read. */
export const isEmptied = ({ removed, comments }: Place['thread']): boolean =>
  removed !== undefined && comments.every((comment) => comment.removed !== undefined);
