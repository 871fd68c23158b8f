/** Anchors against Yjs' own resolver, over texts that several people edit at once. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { captureTarget, resolveAll, Tracker } from '#core/anchor.js';
import { plainText, toCodePoints, toUtf16 } from '#core/delta.js';
import { decodePosition, encodePosition, type Position } from '#core/position.js';

type Edit =
  | { do: 'insert'; at: number; words: string; bold: boolean }
  | { do: 'delete'; at: number; length: number }
  | { do: 'embed'; at: number }
  | { do: 'format'; at: number; length: number }
  | { do: 'undo' }
  | { do: 'meet' };

const place = fc.nat(60);
const words = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
  fc.constantFrom('批注', '😀', 'e\u0301', '👩‍👧', '\n'),
);
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ do: fc.constant('insert' as const), at: place, words, bold: fc.boolean() }),
  fc.record({ do: fc.constant('delete' as const), at: place, length: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ do: fc.constant('embed' as const), at: place }),
  fc.record({ do: fc.constant('format' as const), at: place, length: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ do: fc.constant('undo' as const) }),
  fc.record({ do: fc.constant('meet' as const) }),
);
const story = fc.array(fc.tuple(fc.nat(2), edit), { minLength: 1, maxLength: 30 });

const desks = () => {
  const texts = [1, 2, 3].map((client) => {
    const doc = new Y.Doc();
    doc.clientID = client;
    return doc.getText('content');
  });
  const undo = texts.map((text) => new Y.UndoManager(text, { captureTimeout: 0 }));
  const meet = () => {
    const updates = texts.map((text) => Y.encodeStateAsUpdate(text.doc!));
    for (const text of texts) for (const update of updates) Y.applyUpdate(text.doc!, update, 'meet');
  };
  const act = (who: number, change: Edit) => {
    const text = texts[who]!;
    const at = 'at' in change ? Math.min(change.at, text.length) : 0;
    if (change.do === 'insert') text.insert(at, change.words, change.bold ? { bold: true } : undefined);
    else if (change.do === 'embed') text.insertEmbed(at, { divider: true });
    else if (change.do === 'undo') undo[who]!.undo();
    else if (change.do === 'meet') meet();
    else {
      const length = Math.min(change.length, text.length - at);
      if (length === 0) return;
      if (change.do === 'delete') text.delete(at, length);
      else text.format(at, length, { italic: true });
    }
  };
  return { texts, act, meet };
};

const theirs = (text: Y.Text, { item, assoc }: Position): number =>
  Y.createAbsolutePositionFromRelativePosition(
    new Y.RelativePosition(null, item ? null : 'content', item && Y.createID(item.client, item.clock), assoc),
    text.doc!,
    false,
  )?.index ?? -1;

test('[ANCHOR9] all places in one walk are where Yjs resolves each, on every copy', () => {
  fc.assert(
    fc.property(
      story,
      story,
      fc.array(fc.tuple(fc.nat(2), place, fc.boolean()), { maxLength: 20 }),
      (before, after, picks) => {
        const { texts, act, meet } = desks();
        for (const [who, change] of before) act(who, change);
        const positions = picks.map(([who, at, left]): Position => {
          const text = texts[who]!;
          const assoc = left ? -1 : 0;
          const { item } = Y.createRelativePositionFromTypeIndex(text, Math.min(at, text.length), assoc);
          return { item, assoc };
        });
        for (const [who, change] of after) act(who, change);
        const check = () => {
          for (const text of texts) {
            expect([...resolveAll(text, positions)]).toEqual(
              positions.map((position) => theirs(text, position)),
            );
          }
        };
        check();
        meet();
        check();
      },
    ),
  );
});

test('[ANCHOR10] places that follow each delta are where resolving all puts them', () => {
  fc.assert(
    fc.property(story, fc.array(place, { minLength: 1, maxLength: 12 }), story, (before, picks, after) => {
      const { texts, act, meet } = desks();
      for (const [who, change] of before) act(who, change);
      meet();
      const positions = picks.flatMap((at): Position[] => {
        const [text] = texts;
        const offset = Math.min(at, text!.length);
        return ([0, -1] as const).map((assoc) => ({
          item: Y.createRelativePositionFromTypeIndex(text!, offset, assoc).item,
          assoc,
        }));
      });
      const trackers = texts.map((text) => {
        const tracker = new Tracker(text, positions.slice(0, 1));
        tracker.add(positions.slice(1));
        text.observe((event) => tracker.follow(event.delta));
        return tracker;
      });
      for (const [who, change] of [...after, [0, { do: 'meet' }] as const]) {
        act(who, change);
        texts.forEach((text, index) => {
          const tracked = positions.map((_, slot) => trackers[index]!.at(slot));
          expect(tracked).toEqual([...resolveAll(text, positions)]);
        });
      }
    }),
  );
});

test('[ANCHOR1] a target captured anywhere stands where it was captured and says its words', () => {
  fc.assert(
    fc.property(story, place, place, (before, a, b) => {
      const { texts, act } = desks();
      for (const [who, change] of before) act(who, change);
      const text = texts[0]!;
      const plain = plainText(text.toDelta());
      const from = Math.min(a, b, plain.length);
      const to = Math.min(Math.max(a, b), plain.length);
      fc.pre(from < to);
      const target = captureTarget(text, from, to);
      const places = [decodePosition(target.start), decodePosition(target.end)];
      expect([...resolveAll(text, places)]).toEqual([target.from, target.to]);
      expect(target.exact).toBe(plain.slice(target.from, target.to));
      expect(target.from).toBeLessThanOrEqual(from);
      expect(target.to).toBeGreaterThanOrEqual(to);
      const lone = /\p{Surrogate}/u;
      expect(lone.test(target.exact) && !lone.test(plain)).toBe(false);
      expect(plain.slice(0, target.from).endsWith(target.prefix)).toBe(true);
      expect(plain.slice(target.to).startsWith(target.suffix)).toBe(true);
    }),
  );
});

test('[ANCHOR8] reading any bytes as a position neither throws nor guesses', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const position = decodePosition(bytes);
      if (position) expect(decodePosition(encodePosition(position))).toEqual(position);
    }),
  );
});

test('[DELTA4] code points and UTF-16 offsets turn into each other', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(80), (plain, count) => {
      const all = Array.from(plain);
      const points = Math.min(count, all.length);
      const offset = all.slice(0, points).join('').length;
      expect(toUtf16(plain, count)).toBe(offset);
      expect(toCodePoints(plain, offset)).toBe(points);
    }),
  );
});
