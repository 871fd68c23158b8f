/**
 * What somebody who comes to a room lacks. From the committed bytes where they are enough, because then no document is
 * built and no commit waited for; else from the document.
 */

import { encodeInPieces } from '#core/pieces.js';
import * as Y from 'yjs';
import type { CommittedBytes } from './committed-bytes.js';
import type { RoomLog } from './ports.js';
import type { RoomState } from './room-state.js';

/** What somebody has already: what a state vector says, or all up to a batch. */
export type Asked =
  { readonly stateVector: Uint8Array } | { readonly since: { readonly epoch: string; readonly seq: number } };

export interface Missing {
  /** Yjs V1 updates, to be applied in this order. */
  readonly updates: readonly Uint8Array[];
  readonly epoch: string;
  readonly seq: number;
  /** What the room holds; null where who asked by a batch needs no more than the batches since. */
  readonly stateVector: Uint8Array | null;
}

/** How many batches before the stored state a reconnect may be answered from: few first. Past them a document is quicker. */
const recent = [16, 64];

/** From the document, which is in step. */
export function missingIn(
  doc: Y.Doc,
  { epoch, seq }: CommittedBytes,
  stateVector: Uint8Array,
  most: number,
): Missing {
  const updates = encodeInPieces(doc, stateVector, most);
  return { updates, epoch, seq, stateVector: Y.encodeStateVector(doc) };
}

/**
 * From the bytes; `answer` is called in the turn in which they were looked at, so that no batch falls between the two.
 * Undefined, and not called, where the bytes are not enough. At most `most` updates.
 */
export async function missingInBytes<T>(
  state: RoomState,
  log: RoomLog,
  asked: Asked,
  most: number,
  answer: (missing: Missing) => T,
): Promise<{ answered: T } | undefined> {
  if (state.bytes.uncleansed) return undefined;
  const here = lookUp(state.bytes, asked, []);
  if (here) return { answered: answer(here) };
  if (isEmpty(asked)) return most === Infinity ? whole(state, answer) : undefined;
  if (state.bytes.storedSeq === 0) return undefined;

  for (const count of recent) {
    const { storedSeq } = state.bytes;
    const batches = await log.since(state.name, Math.max(0, storedSeq - count));
    if (!batches || state.bytes.uncleansed || state.bytes.storedSeq !== storedSeq) return undefined;
    const earlier = batches.filter(({ seq }) => seq <= storedSeq);
    const found = lookUp(state.bytes, asked, earlier);
    if (found) return { answered: answer(found) };
  }
  return undefined;
}

const isEmpty = (asked: Asked): boolean =>
  'stateVector' in asked && Y.decodeStateVector(asked.stateVector).size === 0;

function lookUp(
  bytes: CommittedBytes,
  asked: Asked,
  earlier: Parameters<CommittedBytes['missing']>[1],
): Missing | null {
  const { epoch, seq } = bytes;
  if ('since' in asked) {
    const updates = asked.since.epoch === epoch ? bytes.since(asked.since.seq, earlier) : null;
    return updates && { updates, epoch, seq, stateVector: null };
  }
  const updates = bytes.missing(Y.decodeStateVector(asked.stateVector), earlier);
  return updates && { updates, epoch, seq, stateVector: bytes.stateVector() };
}

/** The stored state as its pieces, and what came after it. */
async function whole<T>(
  state: RoomState,
  answer: (missing: Missing) => T,
): Promise<{ answered: T } | undefined> {
  const { storedSeq } = state.bytes;
  const pieces = await state.bytes.storedPieces();
  const { bytes } = state;
  if (!pieces || bytes.storedSeq !== storedSeq || bytes.uncleansed) return undefined;
  const updates = [...pieces, ...(bytes.since(storedSeq) ?? [])];
  return {
    answered: answer({ updates, epoch: bytes.epoch, seq: bytes.seq, stateVector: bytes.stateVector() }),
  };
}
