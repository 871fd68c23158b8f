/**
 * A room of entries as it would be with what is being judged: the live maps, and the entries that are new in the
 * update. This is what the rules see. The live document is only read.
 */

import type * as Y from 'yjs';
import type { LayerEntries, LayerMap } from './entries.js';
import type { View } from './rules.js';

/** Root maps by name. */
export type Maps = ReadonlyMap<string, Y.Map<unknown>>;

export class Draft implements View {
  readonly #maps: Maps;
  readonly #counts: ReactionCounts;
  /** Entries that are written; of several values of one key the first, by which the others are measured. */
  readonly #written = new Map<string, Map<string, unknown>>();
  /** How many of them are not live, by map. */
  readonly #fresh = new Map<string, number>();
  readonly #reactions = new Map<string, number>();

  constructor(maps: Maps, counts: ReactionCounts) {
    this.#maps = maps;
    this.#counts = counts;
  }

  get<M extends LayerMap>(map: M, key: string): LayerEntries[M] | undefined {
    const value = this.#maps.get(map)?.get(key) ?? this.#written.get(map)?.get(key);
    return value as LayerEntries[M] | undefined;
  }

  has(map: string, key: string): boolean {
    return this.#isLive(map, key) || this.#written.get(map)?.has(key) === true;
  }

  size(map: string): number {
    return (this.#maps.get(map)?._map.size ?? 0) + (this.#fresh.get(map) ?? 0);
  }

  reactions(comment: string, person: string): number {
    const name = `${comment} ${person}`;
    return this.#counts.of(name) + (this.#reactions.get(name) ?? 0);
  }

  written<M extends LayerMap>(map: M): ReadonlyMap<string, LayerEntries[M]> {
    return (this.#written.get(map) ?? new Map()) as ReadonlyMap<string, LayerEntries[M]>;
  }

  /** The value must fit the map's schema. */
  write(map: string, key: string, value: unknown): void {
    const written = this.#written.get(map) ?? new Map<string, unknown>();
    if (written.has(key)) return;
    this.#written.set(map, written.set(key, value));
    if (this.#isLive(map, key)) return;
    this.#fresh.set(map, (this.#fresh.get(map) ?? 0) + 1);
    if (map === 'reactions') this.#count(key, 1);
  }

  /** A living key is taken out; it stays where it is also written. */
  takeOut(map: string, key: string): void {
    const stays = this.#written.get(map)?.has(key) === true || !this.#isLive(map, key);
    if (map === 'reactions' && !stays) this.#count(key, -1);
  }

  #isLive(map: string, key: string): boolean {
    return this.#maps.get(map)?.has(key) === true;
  }

  #count(key: string, by: 1 | -1): void {
    const name = countedBy(key);
    this.#reactions.set(name, (this.#reactions.get(name) ?? 0) + by);
  }
}

/** How many reactions each person has on each comment. It follows the document by itself. */
export class ReactionCounts {
  readonly #counts = new Map<string, number>();

  constructor(reactions: Y.Map<unknown> | undefined) {
    for (const key of reactions?.keys() ?? []) this.#add(key, 1);
    reactions?.observe((event) => {
      for (const [key, { action }] of event.keys)
        if (action !== 'update') this.#add(key, action === 'add' ? 1 : -1);
    });
  }

  /** @param name `<comment id> <user id>` */
  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  #add(key: string, by: 1 | -1): void {
    const name = countedBy(key);
    const count = this.of(name) + by;
    if (count === 0) this.#counts.delete(name);
    else this.#counts.set(name, count);
  }
}

/** `<comment id> <user id>` of a reaction's key. Keys of other shapes are refused elsewhere, and counted anyhow. */
export const countedBy = (key: string): string => key.slice(0, idLength) + key.slice(-idLength - 1);
const idLength = 36;
