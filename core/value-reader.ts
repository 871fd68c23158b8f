/**
 * Reads plain values in lib0's "any" encoding, as Yjs stores them, with bounds: JSON and bytes only, no cycles, no
 * deep nesting, no keys that JavaScript treats in its own way. Beside it, the bounded reading of numbers, strings
 * and bytes on which it and the update reader stand. Whatever is wrong is refused; lib0's own errors mean truncation.
 */

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { limits } from './entries.js';
import { refused } from './refused.js';

export type Reader = decoding.Decoder;

/** Arrays and objects in each other: more than `jsonld` may have, so that its own limit is what is told. */
const maxLevels = 2 * limits.jsonldDepth;
/** Items of one array or object. Each takes at least a byte, and `jsonld` is the longest that may come. */
const maxItems = limits.jsonld;

/** lib0's type bytes. */
const type = {
  null: 126,
  integer: 125,
  float32: 124,
  float64: 123,
  false: 121,
  true: 120,
  string: 119,
  object: 118,
  array: 117,
  bytes: 116,
} as const;

export function readByte(r: Reader): number {
  return r.pos < r.arr.length ? decoding.readUint8(r) : refused('malformed', 'it ends too early');
}

export function readUint(r: Reader, most: number, what: string): number {
  const number = decoding.readVarUint(r);
  return number <= most ? number : refused('limit', `${what}: ${number}`);
}

/** Reads a string of at most so many bytes of UTF-8. */
export function readString(r: Reader, most: number): string {
  return decoding.peekVarUint(r) <= most ? decoding.readVarString(r) : refused('limit', 'a string too long');
}

/** Passes over a string or bytes; returns how many bytes they are. */
export function skipBytes(r: Reader): number {
  const length = decoding.readVarUint(r);
  if (length > r.arr.length - r.pos) refused('malformed', 'it ends too early');
  r.pos += length;
  return length;
}

export function readValue(r: Reader, levels = maxLevels): unknown {
  const kind = readByte(r);
  switch (kind) {
    case type.null:
      return null;
    case type.false:
      return false;
    case type.true:
      return true;
    case type.integer:
      return decoding.readVarInt(r);
    case type.float32:
      return decoding.readFloat32(r);
    case type.float64:
      return decoding.readFloat64(r);
    case type.string:
      return readString(r, r.arr.length);
    case type.bytes:
      return decoding.readVarUint8Array(r).slice();
    case type.array:
      return Array.from({ length: readCount(r, levels) }, () => readValue(r, levels - 1));
    case type.object:
      return readObject(r, levels);
    default:
      return refused('type', `a value of kind ${kind}`);
  }
}

function readObject(r: Reader, levels: number): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let left = readCount(r, levels); left > 0; left--) {
    const key = readString(r, r.arr.length);
    if (key === '__proto__' || Object.hasOwn(object, key)) refused('shape', `the key ${key}`);
    object[key] = readValue(r, levels - 1);
  }
  return object;
}

function readCount(r: Reader, levels: number): number {
  if (levels === 0) refused('limit', 'values too deep in each other');
  return readUint(r, maxItems, 'items in one value');
}

/** Passes over a value without making it. */
export function skipValue(r: Reader, levels = maxLevels): void {
  const kind = readByte(r);
  switch (kind) {
    case type.null:
    case type.false:
    case type.true:
      return;
    case type.integer:
      decoding.readVarInt(r);
      return;
    case type.float32:
      r.pos += 4;
      return;
    case type.float64:
      r.pos += 8;
      return;
    case type.string:
    case type.bytes:
      skipBytes(r);
      return;
    case type.array:
      for (let left = readCount(r, levels); left > 0; left--) skipValue(r, levels - 1);
      return;
    case type.object:
      for (let left = readCount(r, levels); left > 0; left--) {
        skipBytes(r);
        skipValue(r, levels - 1);
      }
      return;
    default:
      refused('type', `a value of kind ${kind}`);
  }
}

/** The value as it will be once it has been stored and read again: lone surrogates replaced, nothing shared. */
export function asStored(value: unknown): unknown {
  const encoder = encoding.createEncoder();
  encoding.writeAny(encoder, value as Parameters<typeof encoding.writeAny>[1]);
  return readValue(decoding.createDecoder(encoding.toUint8Array(encoder)));
}
