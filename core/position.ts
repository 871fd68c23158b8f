/**
 * The encoded form of a Yjs relative position, as a target's `start` and `end` hold it: beside one character of the
 * root text `content`, or at one of its ends. Nothing else is read: Yjs' own resolver makes a root of any name that
 * a position gives, so positions from outside are decoded here and never handed to it.
 */

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

/** A place in the root text `content`. */
export interface Position {
  /** The character (an item's client and clock) that the place belongs to; null: an end of the text. */
  readonly item: { readonly client: number; readonly clock: number } | null;
  /** 0: before the character, or the end of the text. -1: after the character, or the beginning of the text. */
  readonly assoc: 0 | -1;
}

const itemPosition = 0;
const rootPosition = 1;
const root = 'content';

/** Reads what `Y.encodeRelativePosition` writes; null for a nested type, another root, another association or trailing bytes. */
export function decodePosition(bytes: Uint8Array): Position | null {
  try {
    const decoder = decoding.createDecoder(bytes);
    const kind = decoding.readVarUint(decoder);
    let item: Position['item'] = null;
    if (kind === itemPosition)
      item = { client: decoding.readVarUint(decoder), clock: decoding.readVarUint(decoder) };
    else if (kind !== rootPosition || decoding.readVarString(decoder) !== root) return null;
    // Versions of Yjs before associations wrote none, and meant 0.
    const assoc = decoding.hasContent(decoder) ? decoding.readVarInt(decoder) : 0;
    if (decoding.hasContent(decoder)) return null;
    if (assoc === -1) return { item, assoc };
    return assoc === 0 ? { item, assoc: 0 } : null;
  } catch {
    return null; // truncated, or a number past 2^53
  }
}

/** What `Y.encodeRelativePosition` writes for the same place. */
export function encodePosition({ item, assoc }: Position): Uint8Array {
  const encoder = encoding.createEncoder();
  if (item) {
    encoding.writeVarUint(encoder, itemPosition);
    encoding.writeVarUint(encoder, item.client);
    encoding.writeVarUint(encoder, item.clock);
  } else {
    encoding.writeVarUint(encoder, rootPosition);
    encoding.writeVarString(encoder, root);
  }
  encoding.writeVarInt(encoder, assoc);
  return encoding.toUint8Array(encoder);
}
