import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { looksSame, plainText, toBlocks, toCodePoints, toUtf16, type Op } from '#core/delta.js';

describe('blocks', () => {
  test('[DELTA1] every line is a block, and its line break says what kind', () => {
    const delta: Op[] = [
      { insert: 'A title' },
      { insert: '\n', attributes: { header: 2 } },
      { insert: 'plain\nquoted' },
      { insert: '\n', attributes: { blockquote: true } },
      { insert: 'one' },
      { insert: '\n', attributes: { list: 'ordered' } },
      { insert: 'deeper' },
      { insert: '\n', attributes: { list: 'bullet', indent: 2 } },
      { insert: 'let x' },
      { insert: '\n', attributes: { 'code-block': 'plain' } },
    ];
    expect(
      toBlocks(delta).map(({ kind, level, list, from, length }) => [kind, level, list, from, length]),
    ).toEqual([
      ['heading', 2, undefined, 0, 7],
      ['paragraph', 0, undefined, 8, 5],
      ['quote', 0, undefined, 14, 6],
      ['item', 0, 'ordered', 21, 3],
      ['item', 2, 'bullet', 25, 6],
      ['code', 0, undefined, 32, 5],
    ]);
  });

  test('[DELTA1] an empty line is a block without words; the last break makes none', () => {
    expect(toBlocks([{ insert: 'a\n\nb\n' }]).map((block) => [block.from, block.length])).toEqual([
      [0, 1],
      [2, 0],
      [3, 1],
    ]);
    expect(toBlocks([{ insert: 'a\nb' }])).toHaveLength(2);
    expect(toBlocks([])).toEqual([]);
  });

  test('[DELTA2, S3] inline looks are kept, others are never drawn', () => {
    const [block] = toBlocks([
      { insert: 'a' },
      { insert: 'b', attributes: { bold: true, color: 'red', style: 'position:fixed' } },
      { insert: 'c', attributes: { italic: true, code: true, link: 'https://example.org/' } },
      { insert: '\n' },
    ]);
    expect(block?.runs).toEqual([
      { text: 'a' },
      { text: 'b', bold: true },
      { text: 'c', italic: true, code: true, link: 'https://example.org/' },
    ]);
  });

  test('[DELTA3] an embed counts as one; a divider is a block of its own', () => {
    const delta: Op[] = [
      { insert: 'a' },
      { insert: { image: '/files/1.png' } },
      { insert: 'b\n' },
      { insert: { divider: true } },
      { insert: 'c\n' },
    ];
    expect(plainText(delta)).toBe('a\ufffcb\n\ufffcc\n');
    expect(toBlocks(delta).map(({ kind, from, length }) => [kind, from, length])).toEqual([
      ['paragraph', 0, 3],
      ['divider', 4, 1],
      ['paragraph', 5, 1],
    ]);
  });

  test('[DELTA3] blocks lie on the text without holes or overlaps', () => {
    const text = new Y.Doc().getText('content');
    text.insert(0, 'first\nsecond\n');
    text.insertEmbed(3, { divider: true });
    text.insertEmbed(0, { image: 'a.png' });
    const delta = text.toDelta() as Op[];
    const plain = plainText(delta);
    expect(plain).toHaveLength(text.length);
    for (const { kind, from, length, runs } of toBlocks(delta)) {
      const said = runs.map((run) => (typeof run.text === 'string' ? run.text : '\ufffc')).join('');
      expect(plain.slice(from, from + length)).toBe(kind === 'divider' ? '\ufffc' : said);
    }
  });

  test('blocks that look the same are the same wherever they stand', () => {
    const [a, b, c] = toBlocks([{ insert: 'x\nx\ny\n' }]);
    expect(looksSame(a!, b!)).toBe(true);
    expect(looksSame(a!, c!)).toBe(false);
    const [plain] = toBlocks([{ insert: 'x\n' }]);
    const [bold] = toBlocks([{ insert: 'x', attributes: { bold: true } }, { insert: '\n' }]);
    expect(looksSame(plain!, bold!)).toBe(false);
  });
});

test('[DELTA4] code points count a pair as one, and an offset within it counts the pair', () => {
  const plain = 'a😀字';
  expect([0, 1, 2, 3, 4, 9].map((offset) => toCodePoints(plain, offset))).toEqual([0, 1, 2, 2, 3, 3]);
  expect([0, 1, 2, 3, 9].map((count) => toUtf16(plain, count))).toEqual([0, 1, 3, 4, 4]);
});
