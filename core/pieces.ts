/**
 * A document's state cut into Yjs updates of about 64 KiB, so that a page can apply one a task and stay responsive.
 * Each piece leans only on the ones before it: Yjs never has to keep a struct that waits for another.
 */

import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';

/** Bytes after which a piece is closed. One struct is never cut, so a piece may be larger by one. */
const usualBytes = 64 * 1024;
/** With fewer new clocks than this the state is one update: not worth the walk. */
const few = 256;

type Struct = Y.Item | Y.GC;

/** What `since` (a state vector; empty: everything) lacks, in the order in which it is to be applied, in at most `most` (3 or more) pieces. Throws when `since` cannot be read. */
export function encodeInPieces(doc: Y.Doc, since?: Uint8Array, most = Infinity): Uint8Array[] {
  const pieces = cut(doc, since, usualBytes);
  if (pieces.length <= most) return pieces;
  const total = pieces.reduce((sum, { length }) => sum + length, 0);
  // One more is the deletions', and the last of the others is seldom full.
  return cut(doc, since, Math.ceil(total / (most - 2)));
}

function cut(doc: Y.Doc, since: Uint8Array | undefined, pieceBytes: number): Uint8Array[] {
  const known = since ? Y.decodeStateVector(since) : new Map<number, number>();
  let missing = 0;
  for (const [client] of doc.store.clients)
    missing += Y.getState(doc.store, client) - (known.get(client) ?? 0);
  if (missing <= few) return [Y.encodeStateAsUpdate(doc, since)];

  const pieces: Uint8Array[] = [];
  let piece = new Piece();
  for (const { struct, offset } of inCausalOrder(doc, known)) {
    piece.add(struct, offset);
    if (piece.bytes < pieceBytes) continue;
    pieces.push(piece.encode());
    piece = new Piece();
  }
  if (piece.bytes > 0) pieces.push(piece.encode());
  // What is deleted comes last, when all that it names is there.
  pieces.push(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(doc)));
  return pieces;
}

/** Every struct that is not known, each after the ones that it leans on. `offset`: how much of it is known already. */
function* inCausalOrder(
  doc: Y.Doc,
  known: ReadonlyMap<number, number>,
): Generator<{ struct: Struct; offset: number }> {
  const { clients } = doc.store;
  /** Index of the next struct to give out, and the clock up to which all is given out. */
  const next = new Map<number, { index: number; clock: number }>();
  for (const [client, structs] of clients) {
    const clock = known.get(client) ?? 0;
    const index = clock < Y.getState(doc.store, client) ? Y.findIndexSS(structs, clock) : structs.length;
    next.set(client, { index, clock });
  }
  const lacks = (id: Y.ID | null): boolean => id !== null && id.clock >= (next.get(id.client)?.clock ?? 0);

  for (const first of clients.keys()) {
    // Clients to be finished, the innermost last: one is interrupted as soon as it leans on another.
    const open = [first];
    for (let client = open.at(-1); client !== undefined; client = open.at(-1)) {
      const at = next.get(client);
      const struct = at && clients.get(client)?.[at.index];
      if (!at || !struct) {
        open.pop();
        continue;
      }
      const leansOn =
        struct instanceof Y.Item ? [struct.origin, struct.rightOrigin, parentId(struct)].find(lacks) : null;
      if (leansOn && leansOn.client !== client) {
        open.push(leansOn.client);
        continue;
      }
      yield { struct, offset: Math.max(0, at.clock - struct.id.clock) };
      at.index++;
      at.clock = struct.id.clock + struct.length;
      // Back to the one that waited for exactly this.
      if (open.length > 1) open.pop();
    }
  }
}

const parentId = (item: Y.Item): Y.ID | null => {
  const { parent } = item;
  if (parent instanceof Y.ID) return parent;
  return parent instanceof Y.AbstractType ? (parent._item?.id ?? null) : null;
};

/** One update under way: for each client a run of structs. */
class Piece {
  bytes = 0;
  readonly #sections = new Map<number, { clock: number; count: number; encoder: Y.UpdateEncoderV1 }>();

  add(struct: Struct, offset: number): void {
    const { client, clock } = struct.id;
    let section = this.#sections.get(client);
    if (!section) {
      section = { clock: clock + offset, count: 0, encoder: new Y.UpdateEncoderV1() };
      this.#sections.set(client, section);
    }
    const before = encoding.length(section.encoder.restEncoder);
    struct.write(section.encoder, offset);
    section.count++;
    this.bytes += encoding.length(section.encoder.restEncoder) - before;
  }

  encode(): Uint8Array {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, this.#sections.size);
    for (const [client, section] of this.#sections) {
      encoding.writeVarUint(encoder, section.count);
      encoding.writeVarUint(encoder, client);
      encoding.writeVarUint(encoder, section.clock);
      encoding.writeUint8Array(encoder, encoding.toUint8Array(section.encoder.restEncoder));
    }
    encoding.writeVarUint(encoder, 0);
    return encoding.toUint8Array(encoder);
  }
}
