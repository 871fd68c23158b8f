/** Several Yjs updates as one sequence of bytes: each behind its length as a varint, as lib0 writes byte arrays. */

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

export function framePieces(pieces: readonly Uint8Array[]): Uint8Array {
  const encoder = encoding.createEncoder();
  for (const piece of pieces) encoding.writeVarUint8Array(encoder, piece);
  return encoding.toUint8Array(encoder);
}

/** The pieces, as views of `framed`. Throws where it was cut off. */
export function readPieces(framed: Uint8Array): Uint8Array[] {
  const decoder = decoding.createDecoder(framed);
  const pieces: Uint8Array[] = [];
  while (decoding.hasContent(decoder)) pieces.push(decoding.readVarUint8Array(decoder));
  return pieces;
}
