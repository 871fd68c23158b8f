/** A room's state in the form and encoding that was asked for. What is stored is sent as it is: pieces, in brotli. */

import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants, gzip } from 'node:zlib';
import { mergeUpdates } from 'yjs';
import { framePieces, readPieces } from '#core/framing.js';
import type { Handout } from '../rooms/door.js';

/** The smallest first. */
export const encodings = ['br', 'gzip', 'identity'] as const;
export type Encoding = (typeof encodings)[number];
/** `pieces`: several updates behind their lengths, to be applied one a task; `whole`: one update. */
export type Form = 'pieces' | 'whole';

const toGzip = promisify(gzip);
const toBrotli = promisify(brotliCompress);
const fromBrotli = promisify(brotliDecompress);
// The default level is meant for files that are compressed once and served for ever; a state is served once.
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

export async function stateBytes(state: Handout, form: Form, encoding: Encoding): Promise<Uint8Array> {
  if ('updates' in state) return encode(formed(state.updates, form), encoding);
  const { pieces } = state.stored;
  if (form === 'pieces' && encoding === 'br') return pieces;
  const framed = await fromBrotli(pieces);
  return encode(form === 'pieces' ? framed : mergeUpdates(readPieces(framed)), encoding);
}

const formed = (updates: readonly Uint8Array[], form: Form): Uint8Array =>
  form === 'pieces' ? framePieces(updates) : mergeUpdates([...updates]);

async function encode(bytes: Uint8Array, encoding: Encoding): Promise<Uint8Array> {
  switch (encoding) {
    case 'br':
      return toBrotli(bytes, brotliOptions);
    case 'gzip':
      return toGzip(bytes);
    case 'identity':
      return bytes;
  }
}
