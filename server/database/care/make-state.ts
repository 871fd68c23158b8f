/** A document as it is stored and handed out. It takes as long as the document is large: not for the main thread. */

import { brotliCompressSync, constants } from 'node:zlib';
import * as Y from 'yjs';
import { framePieces } from '#core/framing.js';
import { encodeInPieces } from '#core/pieces.js';
import type { StoredState } from '../../rooms/ports.js';

/** What brotli costs grows faster than what it saves: 5 takes about as long as 4 and saves 8 %. */
const quality = 5;

/** `doc` must equal the log up to `seq`. */
export function makeState(doc: Y.Doc, seq: number): StoredState {
  const framed = framePieces(encodeInPieces(doc));
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: framed.length,
  };
  const stateVector = Y.encodeStateVector(doc);
  return {
    seq,
    pieces: new Uint8Array(brotliCompressSync(framed, { params })),
    stateVector,
    deletions: Y.encodeStateAsUpdate(doc, stateVector),
  };
}
