/**
 * Reads a Yjs V1 update from outside before Yjs sees it (the grammar is in `update.ts`). It is bounded, makes no Yjs
 * object, and refuses at the first byte what the room never needs. What the room holds already is passed over in one
 * pass and costs no memory, so every limit bounds what is new. Who may do what is not known here.
 *
 * V2 is never read from outside: in its run-length columns some ten bytes announce millions of structs.
 */

import * as decoding from 'lib0/decoding';
import { Refused, refused } from './refused.js';
import {
  contentRef,
  type Content,
  type Endings,
  type Id,
  type Range,
  type Section,
  type Struct,
  type Update,
} from './update.js';
import {
  readByte,
  readString,
  readUint,
  readValue,
  skipBytes,
  skipValue,
  type Reader,
} from './value-reader.js';

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
  /** New structs of one update. */
  structs: 20_000,
  /** Client ids, and ranges that are ended, beyond those that the room has. */
  beyond: 10_000,
  client: 2 ** 32 - 1,
  clock: 2 ** 40,
  /** Bytes: the longest key is a reaction's, with two ids and an emoji. */
  name: 256,
  /** Bytes of an attribute or embed as JSON: 2,048 characters, each escaped. */
  json: 16 * 1024,
} as const;

const bit = { content: 0b0001_1111, key: 0b0010_0000, right: 0b0100_0000, origin: 0b1000_0000 } as const;
/** Stands for clocks that the sender has not got. */
const skip = 10;

/** Throws `Refused` for what is not an update, or holds other kinds of content than these. */
export function readUpdate(update: Uint8Array, room: Known, kinds: ReadonlySet<number>): Update {
  const r = decoding.createDecoder(update);
  try {
    const sections = readSections(r, room, kinds);
    const endings = readEndings(r, room);
    if (decoding.hasContent(r)) refused('malformed', 'trailing bytes');
    return { sections, endings };
  } catch (error) {
    // lib0, the UTF-8 decoder and JSON.parse throw at bytes that they cannot read.
    throw error instanceof Refused ? error : new Refused({ code: 'malformed', message: String(error) });
  }
}

function readSections(r: Reader, room: Known, kinds: ReadonlySet<number>): Section[] {
  const sections: Section[] = [];
  const seen = new Set<number>();
  let total = 0;
  for (let left = readUint(r, room.clients() + most.beyond, 'client ids'); left > 0; left--) {
    let structs = readUint(r, r.arr.length, 'structs');
    const client = readClient(r, seen);
    let clock = readClock(r);
    const state = room.state(client);

    let start = r.pos;
    for (; structs > 0 && clock < state; structs--) {
      const length = skipStruct(r, kinds);
      if (clock + length > state) break;
      clock += length;
      start = r.pos;
    }
    if (structs === 0) continue;
    r.pos = start;

    total += structs;
    if (total > most.structs) refused('limit', 'too many structs');
    const fresh: Struct[] = [];
    for (; structs > 0; structs--) {
      const struct = readStruct(r, client, clock, kinds);
      fresh.push(struct);
      clock += struct.length;
    }
    sections.push({ client, structs: fresh, end: clock, bytes: r.arr.subarray(start, r.pos) });
  }
  return sections;
}

function readEndings(r: Reader, room: Known): Endings {
  const endings = new Map<number, Range[]>();
  const seen = new Set<number>();
  let total = 0;
  let allowed: number = most.beyond;
  for (let left = readUint(r, room.clients() + most.beyond, 'client ids'); left > 0; left--) {
    const client = readClient(r, seen);
    const count = readUint(r, r.arr.length, 'ended ranges');
    total += count;
    // Counting the room's structs takes a while: only where it matters, and once.
    if (total > allowed) allowed = room.structs() + most.beyond;
    if (total > allowed) refused('limit', 'too many ended ranges');
    const fresh: Range[] = [];
    let last = 0;
    for (let ranges = count; ranges > 0; ranges--) {
      const clock = readClock(r);
      const end = clock + readUint(r, most.clock, 'length');
      if (clock < last || end === clock) refused('malformed', 'ended ranges that are empty or not sorted');
      last = end;
      if (!room.hasEnded(client, clock, end)) fresh.push({ clock, end });
    }
    if (fresh.length > 0) endings.set(client, fresh);
  }
  return endings;
}

const readClock = (r: Reader): number => readUint(r, most.clock, 'clock');
const readId = (r: Reader): Id => ({ client: readUint(r, most.client, 'client id'), clock: readClock(r) });

/** One client twice is read differently by Yjs' own decoders. */
function readClient(r: Reader, seen: Set<number>): number {
  const client = readUint(r, most.client, 'client id');
  if (seen.has(client)) refused('malformed', 'a client id twice');
  seen.add(client);
  return client;
}

function kindOf(info: number, kinds: ReadonlySet<number>): number {
  const ref = info & bit.content;
  return kinds.has(ref) ? ref : refused('type', `content of kind ${ref} has no place here`);
}

function readStruct(r: Reader, client: number, clock: number, kinds: ReadonlySet<number>): Struct {
  const info = readByte(r);
  if (info === skip) refused('behind', 'it leaves out what came before');
  const ref = kindOf(info, kinds);
  const origin = info & bit.origin ? readId(r) : null;
  const right = info & bit.right ? readId(r) : null;
  let root: string | null = null;
  let key: string | null = null;
  if (!origin && !right) {
    if (decoding.readVarUint(r) !== 1) refused('path', 'its parent is no root');
    root = readString(r, most.name);
    if (info & bit.key) key = readString(r, most.name);
  }
  const [length, content] = readContent(r, ref);
  if (length < 1) refused('malformed', 'empty content');
  return { client, clock, length, origin, right, root, key, content };
}

function readContent(r: Reader, ref: number): [length: number, content: Content] {
  switch (ref) {
    case contentRef.deleted:
      return [readUint(r, most.clock, 'length'), { kind: 'deleted' }];
    case contentRef.string: {
      const text = readString(r, r.arr.length);
      return [text.length, { kind: 'string', text }];
    }
    case contentRef.embed:
      return [1, { kind: 'embed', value: readJson(r) }];
    case contentRef.format:
      return [1, { kind: 'format', name: readString(r, most.name), value: readJson(r) }];
    default:
      if (decoding.readVarUint(r) !== 1) refused('type', 'several values in one');
      return [1, { kind: 'value', value: readValue(r) }];
  }
}

const readJson = (r: Reader): unknown => JSON.parse(readString(r, most.json)) as unknown;

/** Passes over a struct without making it; returns its length. */
function skipStruct(r: Reader, kinds: ReadonlySet<number>): number {
  const info = readByte(r);
  if (info === skip) return readClock(r);
  const ref = kindOf(info, kinds);
  if (info & bit.origin) skipId(r);
  if (info & bit.right) skipId(r);
  if ((info & (bit.origin | bit.right)) === 0) {
    if (decoding.readVarUint(r) === 1) skipBytes(r);
    else skipId(r);
    if (info & bit.key) skipBytes(r);
  }
  switch (ref) {
    case contentRef.deleted:
      return readClock(r);
    case contentRef.string: {
      const bytes = skipBytes(r);
      return utf16Length(r.arr, r.pos - bytes, r.pos);
    }
    case contentRef.embed:
      skipBytes(r);
      return 1;
    case contentRef.format:
      skipBytes(r);
      skipBytes(r);
      return 1;
    default: {
      const count = readUint(r, r.arr.length, 'values');
      for (let left = count; left > 0; left--) skipValue(r);
      return count;
    }
  }
}

function skipId(r: Reader): void {
  decoding.readVarUint(r);
  decoding.readVarUint(r);
}

/** UTF-16 code units of well-formed UTF-8: one for each first byte, and one more for those of four. */
function utf16Length(bytes: Uint8Array, from: number, to: number): number {
  let length = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if ((byte & 0b1100_0000) !== 0b1000_0000) length += byte >= 0b1111_0000 ? 2 : 1;
  }
  return length;
}
