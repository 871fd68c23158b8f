/**
 * Reads a Yjs V1 update from outside before Yjs sees it (the grammar is in `update.ts`). It is bounded, makes no Yjs
 * object, and refuses at the first byte what the room never needs. What the room holds already is passed over in one
 * pass and costs no memory, so every limit bounds what is new. Who may do what is not known here.
 *
 * V2 is never read from outside: in its run-length columns some ten bytes announce millions of structs.
 */

import * as decoding from 'lib0/decoding';
import { Refused, refused, refuseWith } from './refused.js';
import { Pace, type Steps } from './steps.js';
import { readClientId, readClock, readLength, readStructs, skipStruct } from './struct-reader.js';
import type { Endings, Range, Section, Update } from './update.js';
import { readUint, type Reader } from './value-reader.js';

/** What the reader asks of the room. */
export interface Known {
  /** Client ids that it holds structs of. */
  clients(): number;
  structs(): number;
  /** The next clock of a client id; 0 for one that it does not know. */
  state(client: number): number;
  /** Whether it holds all clocks from `clock` to before `end`, and nothing of them lives. */
  hasEnded(client: number, clock: number, end: number): boolean;
}

const most = {
  /** New structs of one update: what a person can write offline in years. Each takes some 200 bytes of memory. */
  structs: 250_000,
  /** Client ids, and ranges that are ended, beyond those that the room has. */
  clients: 10_000,
  ranges: 100_000,
} as const;

/** What reading takes, in microseconds. */
const cost = { known: 0.3, knownByte: 0.002 } as const;

/** Throws `Refused` for what is not an update, or holds other kinds of content than these. */
export function* readUpdate(update: Uint8Array, room: Known, kinds: ReadonlySet<number>): Steps<Update> {
  const r = decoding.createDecoder(update);
  try {
    const sections = yield* readSections(r, room, kinds);
    const endings = yield* readEndings(r, room);
    if (decoding.hasContent(r)) refused('malformed', 'trailing bytes');
    return { sections, endings };
  } catch (error) {
    // lib0, the UTF-8 decoder and JSON.parse throw at bytes that they cannot read.
    return refuseWith(
      error instanceof Refused ? error.refusal : { code: 'malformed', message: String(error) },
    );
  }
}

function* readSections(r: Reader, room: Known, kinds: ReadonlySet<number>): Steps<Section[]> {
  const sections: Section[] = [];
  const seen = new Set<number>();
  const pace = new Pace();
  let total = 0;
  for (let left = readUint(r, room.clients() + most.clients, 'client ids'); left > 0; left--) {
    let structs = readUint(r, r.arr.length, 'structs');
    const client = readClient(r, seen);
    let clock = readClock(r);
    const state = room.state(client);

    let start = r.pos;
    for (; structs > 0 && clock < state; structs--) {
      const length = skipStruct(r, kinds);
      if (clock + length > state) break;
      clock += length;
      if (pace.spend(cost.known + (r.pos - start) * cost.knownByte)) yield;
      start = r.pos;
    }
    if (structs === 0) continue;
    r.pos = start;

    total += structs;
    if (total > most.structs) refused('limit', 'too many structs');
    sections.push(yield* readStructs(r, { client, clock }, structs, state, kinds, pace));
  }
  return sections;
}

function* readEndings(r: Reader, room: Known): Steps<Endings> {
  const endings = new Map<number, Range[]>();
  const seen = new Set<number>();
  const pace = new Pace();
  let total = 0;
  let allowed: number = most.ranges;
  for (let left = readUint(r, room.clients() + most.clients, 'client ids'); left > 0; left--) {
    const client = readClient(r, seen);
    const count = readUint(r, r.arr.length, 'ended ranges');
    total += count;
    // Counting the room's structs takes a while: only where it matters, and once.
    if (total > allowed) allowed = room.structs() + most.ranges;
    if (total > allowed) refused('limit', 'too many ended ranges');
    const fresh: Range[] = [];
    let last = 0;
    for (let ranges = count; ranges > 0; ranges--) {
      const clock = readClock(r);
      const end = clock + readLength(r);
      if (clock < last || end === clock) refused('malformed', 'ended ranges that are empty or not sorted');
      last = end;
      if (!room.hasEnded(client, clock, end)) fresh.push({ clock, end });
      if (pace.spend(cost.known)) yield;
    }
    if (fresh.length > 0) endings.set(client, fresh);
  }
  return endings;
}

/** One client twice is read differently by Yjs' own decoders. */
function readClient(r: Reader, seen: Set<number>): number {
  const client = readClientId(r);
  if (seen.has(client)) refused('malformed', 'a client id twice');
  seen.add(client);
  return client;
}
