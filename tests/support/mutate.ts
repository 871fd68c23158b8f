/** Updates changed as a hostile member might: some bytes of them, or what they say. Every choice is a number. */

import * as Y from 'yjs';
import {
  craft,
  deleted,
  values,
  type ClientClock,
  type CraftedSection,
  type CraftedStruct,
} from './craft.js';

/** Flips, copies and sets bytes at so many places. */
export function mutateBytes(update: Uint8Array, choices: readonly number[]): Uint8Array {
  const mutated = Uint8Array.from(update);
  for (const choice of choices) {
    const at = choice % mutated.length;
    const from = (choice >>> 8) % mutated.length;
    mutated[at] =
      choice % 3 === 0
        ? choice >>> 16
        : choice % 3 === 1
          ? (mutated[from] ?? 0)
          : (mutated[at] ?? 0) ^ (1 << ((choice >>> 24) & 7));
  }
  return mutated;
}

/** What a mutation may borrow: the room's ids, keys and people. */
export interface Loot {
  readonly ids: readonly ClientClock[];
  readonly keys: readonly string[];
  readonly roots: readonly string[];
  readonly people: readonly string[];
}

/** Says something else in the same words: another client id, place, neighbour, key, author, or an end more. */
export function mutateMeaning(update: Uint8Array, choices: readonly number[], loot: Loot): Uint8Array {
  const { structs, ds } = Y.decodeUpdate(update);
  const sections = new Map<number, { client: number; clock: number; structs: CraftedStruct[] }>();
  for (const struct of structs) {
    if (!(struct instanceof Y.Item)) continue;
    const { client, clock } = struct.id;
    const section = sections.get(client) ?? { client, clock, structs: [] };
    sections.set(client, section);
    section.structs.push(asCrafted(struct));
  }
  const endings = Array.from(ds.clients, ([client, ranges]): [number, ClientClock[]] => [
    client,
    ranges.map(({ clock, len }): ClientClock => [clock, len]),
  ]);
  const all: CraftedSection[] = [...sections.values()];
  for (const choice of choices) mutateOne(all, endings, choice, loot);
  return craft(all, endings);
}

function mutateOne(
  sections: CraftedSection[],
  endings: [number, ClientClock[]][],
  choice: number,
  loot: Loot,
): void {
  const pick = <T>(from: readonly T[]): T => from[(choice >>> 4) % from.length] as T;
  const id = pick(loot.ids);
  const nth = sections.length > 0 ? (choice >>> 12) % sections.length : -1;
  const section = sections[nth];
  if (!section || choice % 8 === 0) {
    endings.push([id[0], [[id[1], 1 + (choice % 3)]]]);
    return;
  }
  const structs = [...section.structs];
  const at = (choice >>> 8) % structs.length;
  const struct = structs[at];
  if (!struct) return;
  const { origin: _origin, right: _right, ...bare } = struct;
  const replaced: CraftedStruct[] = [
    { ...struct, origin: id },
    { ...struct, right: id },
    { ...bare, root: pick(loot.roots), key: pick(loot.keys) },
    { ...struct, ...deleted(1 + (choice % 2)) },
    { ...struct, ...values({ ...(valueOf.get(struct) as object), author: pick(loot.people) }) },
    { ...struct, ...values({ ...(valueOf.get(struct) as object), by: pick(loot.people) }) },
  ];
  structs[at] = replaced[choice % replaced.length] ?? struct;
  sections[nth] = {
    ...section,
    structs,
    ...(choice % 7 === 1 && { client: id[0], clock: id[1] + (choice % 2) }),
  };
}

const valueOf = new WeakMap<CraftedStruct, unknown>();

function asCrafted(item: Y.Item): CraftedStruct {
  const { origin, rightOrigin, parentSub } = item;
  const value = item.content instanceof Y.ContentAny ? (item.content.arr as unknown[])[0] : undefined;
  const struct: CraftedStruct = {
    ...(origin && { origin: [origin.client, origin.clock] as const }),
    ...(rightOrigin && { right: [rightOrigin.client, rightOrigin.clock] as const }),
    ...(typeof item.parent === 'string' && { root: item.parent }),
    ...(parentSub !== null && { key: parentSub }),
    ...(value === undefined ? deleted(item.length) : values(value)),
  };
  valueOf.set(struct, value);
  return struct;
}
