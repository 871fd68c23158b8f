/**
 * Yjs V1 updates made by hand, byte by byte: what a hostile client could send and no Yjs would write. The grammar is
 * in `core/update.ts`.
 */

import * as encoding from 'lib0/encoding';

export type ClientClock = readonly [client: number, clock: number];

/** A struct's content: Yjs' number for its kind, and its bytes. */
export interface CraftedContent {
  readonly ref: number;
  readonly write: (w: encoding.Encoder) => void;
}

/** One struct. Without origin and right it names its parent: a root, or an item by its id. */
export interface CraftedStruct extends CraftedContent {
  readonly origin?: ClientClock;
  readonly right?: ClientClock;
  readonly root?: string;
  readonly parent?: ClientClock;
  readonly key?: string;
  /** The info byte, where it is not to be the right one. */
  readonly info?: number;
}

export interface CraftedSection {
  readonly client: number;
  readonly clock: number;
  /** How many structs are announced, where it is not to be the right number. */
  readonly announced?: number;
  readonly structs: readonly CraftedStruct[];
}

type Any = Parameters<typeof encoding.writeAny>[1];
const gc = 0;
const skip = 10;

export const content = (ref: number, write: (w: encoding.Encoder) => void): CraftedContent => ({
  ref,
  write,
});

/** ContentAny; more than one value is what no Y.Map writes. */
export const values = (...all: unknown[]): CraftedContent =>
  content(8, (w) => {
    encoding.writeVarUint(w, all.length);
    for (const value of all) encoding.writeAny(w, value as Any);
  });

/** ContentAny of one value whose bytes are written by hand. */
export const rawValue = (write: (w: encoding.Encoder) => void): CraftedContent =>
  content(8, (w) => {
    encoding.writeVarUint(w, 1);
    write(w);
  });

/** ContentAny of one object with these fields, whatever their names are, and twice where they are given twice. */
export const rawObject = (...fields: readonly (readonly [name: string, value: unknown])[]): CraftedContent =>
  rawValue((w) => {
    encoding.writeUint8(w, 118);
    encoding.writeVarUint(w, fields.length);
    for (const [name, value] of fields) {
      encoding.writeVarString(w, name);
      encoding.writeAny(w, value as Any);
    }
  });

export const deleted = (length: number): CraftedContent =>
  content(1, (w) => encoding.writeVarUint(w, length));
export const string = (text: string): CraftedContent => content(4, (w) => encoding.writeVarString(w, text));
export const embed = (json: string): CraftedContent => content(5, (w) => encoding.writeVarString(w, json));
export const format = (name: string, json: string): CraftedContent =>
  content(6, (w) => {
    encoding.writeVarString(w, name);
    encoding.writeVarString(w, json);
  });
/** A nested Y type by its number: array, map, text, xml element, xml fragment, xml hook, xml text. */
export const nestedType = (number: number): CraftedContent =>
  content(7, (w) => {
    encoding.writeVarUint(w, number);
    if (number === 3 || number === 5) encoding.writeVarString(w, 'x');
  });
export const gcStruct = (length: number): CraftedContent =>
  content(gc, (w) => encoding.writeVarUint(w, length));
export const skipStruct = (length: number): CraftedContent =>
  content(skip, (w) => encoding.writeVarUint(w, length));

/** Ended clocks by client: `[[client, [[clock, length], ...]], ...]`. */
export type CraftedEndings = readonly (readonly [client: number, ranges: readonly ClientClock[]])[];

export function craft(sections: readonly CraftedSection[], endings: CraftedEndings = []): Uint8Array {
  const w = encoding.createEncoder();
  encoding.writeVarUint(w, sections.length);
  for (const { client, clock, announced, structs } of sections) {
    encoding.writeVarUint(w, announced ?? structs.length);
    encoding.writeVarUint(w, client);
    encoding.writeVarUint(w, clock);
    for (const struct of structs) writeStruct(w, struct);
  }
  encoding.writeVarUint(w, endings.length);
  for (const [client, ranges] of endings) {
    encoding.writeVarUint(w, client);
    encoding.writeVarUint(w, ranges.length);
    for (const range of ranges) writePair(w, range);
  }
  return encoding.toUint8Array(w);
}

function writeStruct(w: encoding.Encoder, struct: CraftedStruct): void {
  const { ref, origin, right, root, parent, key } = struct;
  const bits = (origin ? 0x80 : 0) | (right ? 0x40 : 0) | (key === undefined ? 0 : 0x20);
  encoding.writeUint8(w, struct.info ?? (ref === gc || ref === skip ? ref : ref | bits));
  if (ref !== gc && ref !== skip) {
    if (origin) writePair(w, origin);
    if (right) writePair(w, right);
    if (!origin && !right) {
      encoding.writeVarUint(w, root === undefined ? 0 : 1);
      if (root !== undefined) encoding.writeVarString(w, root);
      else writePair(w, parent ?? [0, 0]);
      if (key !== undefined) encoding.writeVarString(w, key);
    }
  }
  struct.write(w);
}

function writePair(w: encoding.Encoder, [first, second]: ClientClock): void {
  encoding.writeVarUint(w, first);
  encoding.writeVarUint(w, second);
}
