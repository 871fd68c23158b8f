import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alike, nameKey, proposeName, readName } from '../../server/access/names.js';

describe('a display name', () => {
  test.each([
    ['  Anna ', 'Anna'],
    ['Anna   Maria', 'Anna Maria'],
    ['Anna\u3000Maria', 'Anna Maria'],
    ['Chloe\u0301', 'Chloé'],
    ['王小明', '王小明'],
    ['علی‌رضا', 'علی‌رضا'],
    ['👩‍🏫', '👩‍🏫'],
    ['Nguyễn Thị Hằng', 'Nguyễn Thị Hằng'],
    ['x'.repeat(64), 'x'.repeat(64)],
    ['😀'.repeat(64), '😀'.repeat(64)],
  ])('[PEOPLE40] %j is kept as %j', (raw, name) => {
    expect(readName(raw)).toEqual({ ok: true, value: name });
  });

  test.each([
    '',
    ' \u3000',
    'x'.repeat(65),
    '😀'.repeat(65),
    'a\u0000b',
    'a\u202eb',
    'a\u2066b',
    'a\u200fb',
    'a\ufeffb',
    'a\u200bb',
    'a\u2028b',
    '\ud800',
    '\u200d\u200d',
    '\u2800',
    '\u3164',
    'Z\u0351\u0352\u0353\u0354\u0355algo',
  ])('[PEOPLE41, S18] %j is none, and why is one sentence', (raw) => {
    const read = readName(raw);
    expect(read.ok).toBe(false);
    expect(read.ok ? '' : read.error).toMatch(/^A name .*\.$/);
  });

  test('[PEOPLE42] a name that is taken as it is stays so', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 70 }), (raw) => {
        const read = readName(raw);
        if (!read.ok) return;
        expect(readName(read.value)).toEqual(read);
        expect([...read.value].length).toBeLessThanOrEqual(64);
      }),
    );
  });
});

describe('two names', () => {
  test.each([
    ['Anna', 'anna'],
    ['Anna', 'Аnna'], // Cyrillic A
    ['Anna', 'Αnna'], // Greek Alpha
    ['Bob', 'Вob'], // Cyrillic Ve, whose small letter looks otherwise
    ['Anna', 'Ａｎｎａ'],
    ['Anna', 'An\u200cna'],
    ['Paul', 'PauI'],
    ['Paul', 'Pau1'],
    ['Ian', 'lan'],
    ['Otto', '0tto'],
    ['Marie', 'rnarie'],
    ['Strasse', 'Straße'],
    ['ΣΟΦΟΣ', 'σοφος'],
    ['ｱｲ', 'アイ'],
  ])('[PEOPLE43, S18] %s and %s are too much alike', (a, b) => {
    expect(alike(a, b)).toBe(true);
    expect(alike(b, a)).toBe(true);
  });

  test.each([
    ['Anna', 'Anne'],
    ['Ian', 'Lan'],
    ['José', 'Jose'],
    ['Müller', 'Muller'],
    ['王小明', '王小朋'],
    ['乃木', 'B木'],
    ['Иван', 'Ivan'],
    ['Anna 2', 'Anna 3'],
  ])('[PEOPLE44] %s and %s are two people', (a, b) => {
    expect(alike(a, b)).toBe(false);
  });

  test('[PEOPLE45] names with one key are alike, and every name is like itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        expect(alike(name, name)).toBe(true);
        expect(alike(name, name.toUpperCase())).toBe(nameKey(name) === nameKey(name.toUpperCase()));
      }),
    );
  });
});

test('[PEOPLE46] a proposal is a name, and like none that is taken', () => {
  expect(proposeName('Anna', ['Anna'])).toBe('Anna 2');
  expect(proposeName('Anna', ['anna', 'ANNA 2', 'Аnna 3'])).toBe('Anna 4');
  const long = proposeName('x'.repeat(64), ['x'.repeat(64)]);
  expect(long).toBe(`${'x'.repeat(62)} 2`);
  expect(readName(proposeName('😀'.repeat(64), []))).toMatchObject({ ok: true });
});
