/**
 * Reads the structs of an update from outside (the grammar is in `update.ts`), or passes over them. A long text is cut
 * into several structs, as Yjs itself would write it had it been typed in parts: no single one takes long to apply.
 */

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { Refused, refused, refuseWith } from './refused.js';
import type { Pace, Steps } from './steps.js';
import { contentRef, type Content, type Id, type Section, type Struct } from './update.js';
import {
  readByte,
  readString,
  readUint,
  readValue,
  skipBytes,
  skipValue,
  type Reader,
} from './value-reader.js';

const most = {
  client: 2 ** 32 - 1,
  clock: 2 ** 40,
  /** Bytes: the longest key is a reaction's, with two ids and an emoji. */
  name: 256,
  /** Bytes of an attribute or embed as JSON: 2,048 characters, each escaped. */
  json: 16 * 1024,
  /** Bytes of one value: an annotation of which every field is as long as it may be. */
  value: 256 * 1024,
} as const;

/** Bytes of UTF-8 from which on a text is cut, and of each part. */
const longText = 64 * 1024;

/** What reading takes, in microseconds: most for objects of many short keys. */
const cost = { struct: 1, byte: 0.1, textByte: 0.01 } as const;

const bit = { content: 0b0001_1111, key: 0b0010_0000, right: 0b0100_0000, origin: 0b1000_0000 } as const;
/** Stands for clocks that the sender has not got. */
const skip = 10;

export const readClientId = (r: Reader): number => readUint(r, most.client, 'client id');
export const readClock = (r: Reader): number => readUint(r, most.clock, 'clock');
export const readLength = (r: Reader): number => readUint(r, most.clock, 'length');
const readId = (r: Reader): Id => ({ client: readClientId(r), clock: readClock(r) });

/** Reads so many structs of one client id, of which the first has this clock, and ends past what is known. */
export function* readStructs(
  r: Reader,
  { client, clock: first }: Id,
  count: number,
  known: number,
  kinds: ReadonlySet<number>,
  pace: Pace,
): Steps<Section> {
  const structs: Struct[] = [];
  /** Bytes of the section before `from`, where a long text made them others than came. */
  const rewritten: Uint8Array[] = [];
  let before = 0;
  let from = r.pos;
  let clock = first;
  for (let left = count; left > 0; left--) {
    const start = r.pos;
    const head = readHead(r, client, clock, kinds);
    if (head.ref === contentRef.string && decoding.peekVarUint(r) > longText) {
      rewritten.push(r.arr.subarray(from, start));
      before += start - from;
      for (const { text, bytes } of readLongText(r)) {
        const cut = clock === head.clock ? head : after(head, clock);
        clock += text.length;
        if (pace.spend(bytes.length * cost.textByte)) yield;
        if (clock <= known) continue;
        const written = writeText(cut, bytes);
        structs.push(asStruct(cut, before, written.length, [text.length, { kind: 'string', text }]));
        rewritten.push(written);
        before += written.length;
      }
      from = r.pos;
      continue;
    }
    const read = readContent(r, head.ref);
    if (read[0] < 1) refused('malformed', 'empty content');
    structs.push(asStruct(head, before + start - from, r.pos - start, read));
    clock += read[0];
    if (pace.spend(cost.struct + (r.pos - start) * cost.byte)) yield;
  }
  rewritten.push(r.arr.subarray(from, r.pos));
  const [only = new Uint8Array()] = rewritten;
  return { client, structs, end: clock, bytes: rewritten.length === 1 ? only : concatenate(rewritten) };
}

/** All of a struct but its content. */
interface Head extends Id {
  readonly ref: number;
  readonly origin: Id | null;
  readonly right: Id | null;
  readonly root: string | null;
  readonly key: string | null;
}

function kindOf(info: number, kinds: ReadonlySet<number>): number {
  const ref = info & bit.content;
  return kinds.has(ref) ? ref : refused('type', `content of kind ${ref} has no place here`);
}

function readHead(r: Reader, client: number, clock: number, kinds: ReadonlySet<number>): Head {
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
  return { client, clock, ref, origin, right, root, key };
}

const asStruct = (
  { client, clock, origin, right, root, key }: Head,
  offset: number,
  size: number,
  [length, content]: [length: number, content: Content],
): Struct => ({ client, clock, length, offset, size, origin, right, root, key, content });

/** How Yjs names the rest of a struct from this clock on. */
const after = ({ client, ref, right }: Head, clock: number): Head => ({
  client,
  clock,
  ref,
  origin: { client, clock: clock - 1 },
  right,
  root: null,
  key: null,
});

function* readLongText(r: Reader): Generator<{ text: string; bytes: Uint8Array }> {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const bytes = decoding.readVarUint8Array(r);
  for (let start = 0; start < bytes.length;) {
    let end = Math.min(start + longText, bytes.length);
    // Never within a character, which at a cut that is no UTF-8 would not be read anyhow.
    while (end > start + longText - 4 && isWithin(bytes[end])) end--;
    const part = bytes.subarray(start, end);
    yield { text: utf8.decode(part), bytes: part };
    start = end;
  }
}

/** Whether the byte goes on with a character of UTF-8. */
const isWithin = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function writeText({ ref, origin, right, root, key }: Head, bytes: Uint8Array): Uint8Array {
  const w = encoding.createEncoder();
  encoding.writeUint8(
    w,
    ref | (origin ? bit.origin : 0) | (right ? bit.right : 0) | (key === null ? 0 : bit.key),
  );
  for (const id of [origin, right]) {
    if (!id) continue;
    encoding.writeVarUint(w, id.client);
    encoding.writeVarUint(w, id.clock);
  }
  if (!origin && !right) {
    encoding.writeVarUint(w, 1);
    encoding.writeVarString(w, root ?? '');
    if (key !== null) encoding.writeVarString(w, key);
  }
  encoding.writeVarUint8Array(w, bytes);
  return encoding.toUint8Array(w);
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function readContent(r: Reader, ref: number): [length: number, content: Content] {
  switch (ref) {
    case contentRef.deleted:
      return [readLength(r), { kind: 'deleted' }];
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
      return [1, { kind: 'value', value: readBounded(r) }];
  }
}

/** What is longer than any entry is not read to its end. */
function readBounded(r: Reader): unknown {
  if (r.arr.length - r.pos <= most.value) return readValue(r);
  const bounded = decoding.createDecoder(r.arr.subarray(0, r.pos + most.value));
  bounded.pos = r.pos;
  try {
    return readValue(bounded);
  } catch (error) {
    if (error instanceof Refused && error.refusal.code !== 'malformed') refuseWith(error.refusal);
    return refused('limit', 'a value too long');
  } finally {
    r.pos = bounded.pos;
  }
}

const readJson = (r: Reader): unknown => JSON.parse(readString(r, most.json)) as unknown;

/** Passes over a struct without making it; returns its length. */
export function skipStruct(r: Reader, kinds: ReadonlySet<number>): number {
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
