import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { encodeInPieces } from '../../core/pieces.js';

/** What several writers did, some without knowing of each other, to a map and to a text. */
const history = fc.array(
  fc.record({
    writer: fc.nat(4),
    to: fc.nat(4),
    key: fc.nat(20),
    at: fc.nat(1000),
    words: fc.string({ minLength: 1, maxLength: 40 }),
    act: fc.constantFrom('set', 'set', 'insert', 'delete', 'meet'),
  }),
  { minLength: 400, maxLength: 700 },
);

function live(acts: readonly Act[]): Y.Doc[] {
  const docs = Array.from({ length: 5 }, () => new Y.Doc());
  for (const { writer, to, key, at, words, act } of acts) {
    const doc = docs[writer] as Y.Doc;
    const text = doc.getText('content');
    if (act === 'set') doc.getMap('m').set(`k${key}`, words);
    if (act === 'insert') text.insert(at % (text.length + 1), words);
    if (act === 'delete' && text.length > 0) text.delete(at % text.length, 1);
    if (act === 'meet')
      Y.applyUpdate(docs[to] as Y.Doc, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(docs[to] as Y.Doc)));
  }
  return docs;
}
interface Act {
  writer: number;
  to: number;
  key: number;
  at: number;
  words: string;
  act: string;
}

const plain = (doc: Y.Doc): unknown => ({
  map: doc.getMap('m').toJSON(),
  text: doc.getText('content').toString(),
});

describe('a state in pieces', () => {
  it('[PIECE1] applied in order gives the same document, and no piece waits for a later one', () => {
    fc.assert(
      fc.property(history, (acts) => {
        const docs = live(acts);
        const whole = new Y.Doc();
        for (const doc of docs) Y.applyUpdate(whole, Y.encodeStateAsUpdate(doc));
        for (const since of [undefined, Y.encodeStateVector(docs[2] as Y.Doc)]) {
          const copy = new Y.Doc();
          if (since) Y.applyUpdate(copy, Y.encodeStateAsUpdate(docs[2] as Y.Doc));
          for (const piece of encodeInPieces(whole, since)) {
            Y.applyUpdate(copy, piece);
            expect(copy.store.pendingStructs).toBeNull();
          }
          expect(plain(copy)).toEqual(plain(whole));
          expect(Y.encodeStateVector(copy)).toEqual(Y.encodeStateVector(whole));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('[PIECE2] pieces are of about 64 KiB, whoever wrote the state', () => {
    const doc = new Y.Doc();
    for (let i = 0; i < 4_000; i++) doc.getMap('m').set(`k${i}`, 'word '.repeat(30));
    const pieces = encodeInPieces(doc);
    expect(pieces.length).toBeGreaterThan(8);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThan(66 * 1024);
  });

  it('[PIECE4] where few are asked for they are few and larger, and give the same document', () => {
    const doc = new Y.Doc();
    for (let i = 0; i < 9_000; i++) doc.getMap('m').set(`k${i}`, 'word '.repeat(30));
    const pieces = encodeInPieces(doc, undefined, 8);
    expect(pieces.length).toBeLessThanOrEqual(8);
    const copy = new Y.Doc();
    for (const piece of pieces) Y.applyUpdate(copy, piece);
    expect(plain(copy)).toEqual(plain(doc));
  });

  it('[PIECE3] a state vector that cannot be read throws', () => {
    const doc = new Y.Doc();
    doc.getMap('m').set('k', 1);
    expect(() => encodeInPieces(doc, new Uint8Array([5, 255]))).toThrow();
  });
});
