/**
 * Cuts a judged update into parts that can be applied one after the other: each leans only on what comes before it,
 * and each takes Yjs a few milliseconds.
 */

import type { Holdings } from './holdings.js';
import { Pace, type Steps } from './steps.js';
import type { Endings, Range, Section, Struct, Update } from './update.js';

/** Microseconds that Yjs may take for one part. */
const mostOfPart = 2_000;
/** What Yjs takes, in microseconds: for a struct and its bytes; to find, end and tidy a range; to move an item in a list. */
const cost = { struct: 4, byte: 0.03, range: 3, moved: 0.001 } as const;

/**
 * The structs first, then the endings.
 * @param order the structs of the sections, each after what it leans on
 * @param conflicts how many microseconds more each takes
 */
export function* cutInParts(
  { sections, endings }: Update,
  order: readonly Struct[],
  conflicts: Float64Array,
  room: Holdings,
): Steps<readonly Update[]> {
  const parts: Update[] = [];
  const pace = new Pace();
  const whole = new Map(sections.map((section) => [section.client, section]));
  let structs = new Map<number, Struct[]>();
  let spent = 0;
  for (const [at, struct] of order.entries()) {
    if (spent > mostOfPart) {
      parts.push({ sections: asSections(structs, whole), endings: none });
      structs = new Map();
      spent = 0;
    }
    const run = structs.get(struct.client);
    if (run) run.push(struct);
    else structs.set(struct.client, [struct]);
    // In a text it may split an item, or grow together with one.
    const splits =
      struct.key === null && struct.origin ? room.structsOf(struct.origin.client) * cost.moved : 0;
    spent += cost.struct + struct.size * cost.byte + (conflicts[at] ?? 0) + splits;
    if (pace.spend(0.5)) yield;
  }

  let ranges = new Map<number, Range[]>();
  let last = parts.length === 0 ? sections : asSections(structs, whole);
  for (const [client, list] of endings) {
    const each = cost.range + 2 * room.structsOf(client) * cost.moved;
    for (const range of list) {
      if (spent > mostOfPart) {
        parts.push({ sections: last, endings: ranges });
        last = [];
        ranges = new Map();
        spent = 0;
      }
      const run = ranges.get(client);
      if (run) run.push(range);
      else ranges.set(client, [range]);
      spent += each;
      if (pace.spend(0.5)) yield;
    }
  }
  parts.push({ sections: last, endings: ranges });
  return parts;
}

const none: Endings = new Map();

function asSections(
  structs: ReadonlyMap<number, readonly Struct[]>,
  whole: ReadonlyMap<number, Section>,
): Section[] {
  return Array.from(structs, ([client, run]) => {
    const bytes = whole.get(client)?.bytes ?? new Uint8Array();
    const first = run[0];
    const last = run.at(-1);
    const end = last ? last.clock + last.length : 0;
    return {
      client,
      structs: run,
      end,
      bytes: bytes.subarray(first?.offset ?? 0, last ? last.offset + last.size : 0),
    };
  });
}
