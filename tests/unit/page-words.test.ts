/** How the page reads words: bodies, links, languages, differences, times, names, addresses. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { langOf, latinStretches } from '../../client/language/lang-of.js';
import { en } from '../../client/language/en.js';
import { shortTime } from '../../client/language/time.js';
import { zh } from '../../client/language/zh.js';
import { bodyPieces } from '../../client/margin/body-pieces.js';
import { compareWords, type Stretch } from '../../client/margin/word-diff.js';
import { routeOf } from '../../client/pages/router.js';
import { hueOf, initialOf } from '../../client/people/people.js';
import { safeLink } from '../../client/reading/safe-link.js';

const person = '01900000-0000-7000-8000-00000000000a';

describe('a body', () => {
  test('[PAGE6] shows a mention by its name and an address as a link', () => {
    expect(bodyPieces(`See https://example.org/a, [@Anna](user:${person})!`)).toEqual([
      { kind: 'words', words: 'See ' },
      { kind: 'link', url: 'https://example.org/a' },
      { kind: 'words', words: ', ' },
      { kind: 'mention', name: 'Anna', person },
      { kind: 'words', words: '!' },
    ]);
  });

  test('[PAGE6] an address ends where its sentence does', () => {
    const urls = (body: string) =>
      bodyPieces(body).flatMap((piece) => (piece.kind === 'link' ? [piece.url] : []));
    expect(urls('(see https://example.org/x).')).toEqual(['https://example.org/x']);
    expect(urls('https://en.wikipedia.org/wiki/A_(b)?')).toEqual(['https://en.wikipedia.org/wiki/A_(b)']);
    expect(urls('见https://example.org/路径，下同')).toEqual(['https://example.org/路径']);
    expect(urls('javascript:alert(1) data:text/html,x mailto:a@b.c')).toEqual([]);
  });

  test('[PAGE6] loses no letter', () => {
    const said = (body: string) =>
      bodyPieces(body)
        .map((piece) =>
          piece.kind === 'words'
            ? piece.words
            : piece.kind === 'link'
              ? piece.url
              : `[@${piece.name}](user:${piece.person})`,
        )
        .join('');
    const word = fc.constantFrom(
      'https://a.b/c',
      '(',
      ')',
      '.',
      ' ',
      '\n',
      `[@B](user:${person})`,
      '字',
      '[',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        expect(said(words.join(''))).toBe(words.join(''));
      }),
    );
  });
});

test('[PAGE7] a link in the text is followed only where it leads to a page', () => {
  const followed = ['https://a.b', 'HTTP://a.b', 'mailto:a@b.c', '#note', '/files/1.png', '../a', 'a/b.html'];
  const refused = ['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', 'java\nscript:x', 'file:///etc'];
  for (const url of followed) expect(safeLink(url), url).toBe(url);
  for (const url of refused) expect(safeLink(url), url).toBeUndefined();
});

test('[PAGE8] the language of words is guessed from their letters', () => {
  expect(langOf('页边的笔记')).toBe('zh');
  expect(langOf('余白のノート')).toBe('ja');
  expect(langOf('여백')).toBe('ko');
  expect(langOf('un mot')).toBe('und-Latn');
  expect(langOf('1, 2, 3')).toBeUndefined();
});

test('[PAGE8] in Chinese, punctuation inside Latin words and numbers keeps its width; nothing is lost', () => {
  const latin = (line: string) => latinStretches(line).flatMap((piece) => (piece.latin ? [piece.text] : []));
  expect(latin('首先,OpenAI, Inc.宣布')).toEqual(['OpenAI, Inc.']);
  expect(latin('共1,000人,08:30开始')).toEqual(['1,000', '08:30']);
  expect(latin('霸权国(Hegemony)供给,2025年')).toEqual([]);
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('A', 'b', '1', ',', ':', ' ', '(', ')', '字', '。') }),
      (line) => {
        expect(
          latinStretches(line)
            .map(({ text }) => text)
            .join(''),
        ).toBe(line);
      },
    ),
  );
});

describe('what changed between two passages', () => {
  const shown = (stretches: Stretch[]) =>
    stretches.map(({ words, same }) => (same ? words : `<${words}>`)).join('');

  test('[PAGE9] is shown by words, in Chinese too', () => {
    const { then, now } = compareWords('They all copied the words', 'Some copied the words');
    expect(shown(then)).toBe('<They all> copied the words');
    expect(shown(now)).toBe('<Some> copied the words');
    const chinese = compareWords('内在的专利属性', '内在的知识产权属性');
    expect(shown(chinese.then)).toBe('内在的<专利>属性');
    expect(shown(chinese.now)).toBe('内在的<知识产权>属性');
  });

  test('[PAGE9] leaves both passages whole, whatever they are', () => {
    const words = (stretches: Stretch[]) => stretches.map((stretch) => stretch.words).join('');
    const passage = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '字', '词'), maxLength: 40 });
    fc.assert(
      fc.property(passage, passage, (then, now) => {
        const compared = compareWords(then, now);
        expect(words(compared.then)).toBe(then);
        expect(words(compared.now)).toBe(now);
        const common = (stretches: Stretch[]) => words(stretches.filter(({ same }) => same));
        expect(common(compared.then)).toBe(common(compared.now));
      }),
    );
  });
});

test('[PAGE10] a time is as short as it stays clear', () => {
  const at = (day: number, hour = 8) => new Date(2026, 10, day, hour, 5).getTime();
  const now = at(24, 20);
  expect(shortTime(at(24), now, 'en')).toBe('08:05');
  expect(shortTime(at(22), now, 'en')).toBe('Sun 08:05');
  expect(shortTime(at(1), now, 'en')).toBe('1 Nov');
  expect(shortTime(new Date(2025, 10, 1).getTime(), now, 'en')).toBe('1 Nov 2025');
  expect(shortTime(at(1), now, 'zh')).toBe('11月1日');
});

test('a person has one colour of six and an initial, whatever the script', () => {
  expect(hueOf(person)).toBe(hueOf(person));
  fc.assert(fc.property(fc.string(), (id) => hueOf(id) >= 1 && hueOf(id) <= 6));
  expect(['anna', '林知远', '👩‍👧 x', ''].map(initialOf)).toEqual(['A', '林', '👩‍👧', '?']);
});

test('[PAGE11] an address opens its page', () => {
  expect(routeOf('/')).toEqual({ page: 'library' });
  expect(routeOf(`/documents/${person}`)).toEqual({ page: 'reading', document: person });
  expect(routeOf('/join/abc')).toEqual({ page: 'join', code: 'abc' });
  expect(routeOf('/link/a%20b/')).toEqual({ page: 'link', code: 'a b' });
  expect(routeOf('/join/%E0%A4%A')).toEqual({ page: 'join', code: '%E0%A4%A' });
  expect(routeOf('/documents')).toEqual({ page: 'missing' });
  expect(routeOf('/documents/a/b')).toEqual({ page: 'missing' });
});

test('[PAGE12] both languages have the same words, with the same places to fill', () => {
  const places = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name).sort();
  const expected = Object.keys(en).filter((key) => !key.endsWith('_one'));
  expect(Object.keys(zh).sort()).toEqual(expected.sort());
  for (const [key, text] of Object.entries(zh)) {
    expect(places(text), key).toEqual(places((en as Record<string, string>)[key] ?? ''));
  }
});
