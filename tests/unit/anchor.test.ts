import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { anchorState, captureTarget, characterEdge, resolveAll, Tracker } from '#core/anchor.js';
import { limits, type Target } from '#core/entries.js';
import { decodePosition, encodePosition } from '#core/position.js';

const textOf = (words: string): Y.Text => {
  const text = new Y.Doc().getText('content');
  text.insert(0, words);
  return text;
};

const placesOf = (target: Target) => [decodePosition(target.start), decodePosition(target.end)];
const rangeOf = (text: Y.Text, target: Target) => [...resolveAll(text, placesOf(target))];
const stateOf = (text: Y.Text, target: Target) => {
  const [from = -1, to = -1] = rangeOf(text, target);
  return anchorState(target, from, to, text.toString());
};

describe('a captured target', () => {
  test('[ANCHOR1] holds the words, 32 characters on each side, and the offsets', () => {
    const words = 'abcdefghijklmnopqrstuvwxyz'.repeat(4);
    const target = captureTarget(textOf(words), 50, 55);
    expect(target).toMatchObject({
      exact: words.slice(50, 55),
      prefix: words.slice(18, 50),
      suffix: words.slice(55, 87),
      from: 50,
      to: 55,
    });
  });

  test('[ANCHOR1] has less context at the edges of the text', () => {
    const target = captureTarget(textOf('one two three'), 0, 13);
    expect(target).toMatchObject({ exact: 'one two three', prefix: '', suffix: '' });
  });

  test('[ANCHOR2] is widened to whole characters: pairs, marks, joined emoji, flags', () => {
    const words = 'a😀b e\u0301 c 👩‍👩‍👧 d 🇨🇳 e';
    const cut = (from: number, to: number) => captureTarget(textOf(words), from, to).exact;
    expect(cut(2, 3)).toBe('😀');
    expect(cut(1, 2)).toBe('😀');
    expect(cut(5, 6)).toBe('e\u0301');
    const family = words.indexOf('👩');
    expect(cut(family + 3, family + 5)).toBe('👩‍👩‍👧');
    const flag = words.indexOf('🇨');
    expect(cut(flag, flag + 2)).toBe('🇨🇳');
  });

  test('[ANCHOR2] never cuts a character of its context', () => {
    const target = captureTarget(textOf(`${'😀'.repeat(40)}x${'😀'.repeat(40)}`), 80, 81);
    expect(target.prefix).toBe('😀'.repeat(16));
    expect(target.suffix).toBe('😀'.repeat(16));
    const odd = captureTarget(textOf(`${'😀'.repeat(40)}yx${'😀'.repeat(40)}`), 81, 82);
    expect(odd.prefix).toBe(`${'😀'.repeat(15)}y`);
  });

  test('[ANCHOR3] counts an embed as one character', () => {
    const text = textOf('before after');
    text.insertEmbed(7, { image: 'https://example.org/a.png' });
    const target = captureTarget(text, 6, 9);
    expect(target).toMatchObject({ exact: ' \ufffca', from: 6, to: 9 });
    expect(rangeOf(text, target)).toEqual([6, 9]);
  });

  test('[ANCHOR4] is refused where nothing is selected, and past the limit', () => {
    const text = textOf('x'.repeat(limits.exact + 1));
    expect(() => captureTarget(text, 5, 5)).toThrow(RangeError);
    expect(() => captureTarget(text, 6, 5)).toThrow(RangeError);
    expect(() => captureTarget(text, 0, limits.exact + 1)).toThrow(RangeError);
    expect(captureTarget(text, 0, limits.exact).exact).toHaveLength(limits.exact);
  });
});

describe('a target after edits', () => {
  const words = 'The printer left a margin for the reader.';
  const from = words.indexOf('a margin');
  const setUp = () => {
    const text = textOf(words);
    return { text, target: captureTarget(text, from, from + 8) };
  };

  test('[ANCHOR5] is exact while nothing before it or in it changes', () => {
    const { text, target } = setUp();
    text.insert(words.length, ' Who reads it?');
    expect(stateOf(text, target)).toBe('exact');
  });

  test('[ANCHOR5] is moved when text before it changes', () => {
    const { text, target } = setUp();
    text.insert(0, 'Once more: ');
    expect(stateOf(text, target)).toBe('moved');
    expect(rangeOf(text, target)).toEqual([from + 11, from + 19]);
  });

  test('[ANCHOR5] is changed when its words are', () => {
    const { text, target } = setUp();
    text.insert(from + 2, 'wide ');
    expect(stateOf(text, target)).toBe('changed');
    expect(rangeOf(text, target)).toEqual([from, from + 13]);
  });

  test('[ANCHOR5] is lost when its words are gone, and found again when another copy still has them', () => {
    const { text, target } = setUp();
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(text.doc!));
    text.delete(from - 2, 12);
    expect(stateOf(text, target)).toBe('lost');
    expect(stateOf(other.getText('content'), target)).toBe('exact');
  });

  test('[ANCHOR6] words written at its edges stay outside', () => {
    const { text, target } = setUp();
    text.insert(from + 8, 'al note');
    text.insert(from, 'only ');
    expect(rangeOf(text, target)).toEqual([from + 5, from + 13]);
  });

  test('[ANCHOR6] an end at the end of the text does not swallow what follows', () => {
    const text = textOf('last words');
    const target = captureTarget(text, 5, 10);
    text.insert(10, ' and more');
    expect(rangeOf(text, target)).toEqual([5, 10]);
  });

  test('[ANCHOR7] words that have not arrived are not known, and are found when they arrive', () => {
    const { text, target } = setUp();
    const late = new Y.Doc();
    const copy = late.getText('content');
    const tracker = new Tracker(copy, placesOf(target));
    copy.observe((event) => tracker.follow(event.delta));
    expect([tracker.at(0), tracker.at(1)]).toEqual([-1, -1]);
    expect(anchorState(target, -1, -1, '')).toBe('lost');
    Y.applyUpdate(late, Y.encodeStateAsUpdate(text.doc!));
    expect([tracker.at(0), tracker.at(1)]).toEqual([from, from + 8]);
  });
});

describe('a position', () => {
  test('[ANCHOR8] of another root, of a type, with a tail, or cut short is none', () => {
    const doc = new Y.Doc();
    const root = (name: string) =>
      Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(doc.getText(name), 0));
    const content = root('content');
    expect(decodePosition(content)).toEqual({ item: null, assoc: 0 });
    expect(decodePosition(root('elsewhere'))).toBeNull();
    expect(decodePosition(new Uint8Array([2, 1, 1, 0]))).toBeNull();
    expect(decodePosition(new Uint8Array([...content, 0]))).toBeNull();
    expect(decodePosition(content.slice(0, 4))).toBeNull();
    expect(decodePosition(new Uint8Array(0))).toBeNull();
  });

  test('[ANCHOR8, S9] that names another root makes no root', () => {
    const text = textOf('words');
    const { doc } = text;
    const hostile = Y.encodeRelativePosition(new Y.RelativePosition(null, 'annotations', null, 0));
    expect(decodePosition(hostile)).toBeNull();
    expect([...resolveAll(text, [decodePosition(hostile)])]).toEqual([-1]);
    expect([...doc!.share.keys()]).toEqual(['content']);
  });

  test('[ANCHOR8] is written as Yjs writes it', () => {
    const item = { client: 4_000_000_001, clock: 300 };
    const theirs = Y.encodeRelativePosition(
      new Y.RelativePosition(null, null, Y.createID(item.client, item.clock), -1),
    );
    expect(encodePosition({ item, assoc: -1 })).toEqual(theirs);
    expect(decodePosition(theirs)).toEqual({ item, assoc: -1 });
  });

  test('[ANCHOR7] in another type of the same document is not known', () => {
    const text = textOf('words');
    const notes = text.doc!.getText('notes');
    notes.insert(0, 'other words');
    const { item } = Y.createRelativePositionFromTypeIndex(notes, 3);
    expect([...resolveAll(text, [{ item, assoc: 0 }])]).toEqual([-1]);
  });
});

test('[ANCHOR2] the edges of a text are edges of characters', () => {
  expect(characterEdge('😀', -3, 'back')).toBe(0);
  expect(characterEdge('😀', 9, 'forth')).toBe(2);
  expect(characterEdge('a😀b', 2, 'back')).toBe(1);
  expect(characterEdge('a😀b', 2, 'forth')).toBe(3);
  expect(characterEdge('a😀b', 1, 'forth')).toBe(1);
});

test('a place can be put elsewhere', () => {
  const text = textOf('one two three');
  const tracker = new Tracker(text, placesOf(captureTarget(text, 0, 3)));
  const [start = null] = placesOf(captureTarget(text, 8, 13));
  tracker.set(0, start);
  expect([tracker.at(0), tracker.at(1), tracker.at(2)]).toEqual([8, 3, -1]);
  expect(() => tracker.set(2, start)).toThrow(RangeError);
});
