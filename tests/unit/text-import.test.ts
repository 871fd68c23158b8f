import { mkdtempSync, writeFileSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { plainText } from '../../core/delta.js';
import { findAuthor } from '../../server/documents/author-line.js';
import { readEssay } from '../../server/documents/essay.js';
import { guessLanguage } from '../../server/documents/language.js';
import { sampleTexts } from '../../server/documents/sample.js';
import { importText, importTextFile, paragraphsOf } from '../../server/documents/text-import.js';
import { chooseTitle } from '../../server/documents/title.js';

const utf8 = (text: string) => new TextEncoder().encode(text);
const imported = (text: string, name = 'essay.txt') => {
  const result = importText(text, name);
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

describe('paragraphs', () => {
  test('[DOC1] without empty lines each line is one', () => {
    expect(paragraphsOf('one\ntwo\r\nthree\rfour\u2028five')).toEqual([
      'one',
      'two',
      'three',
      'four',
      'five',
    ]);
  });

  test('[DOC2] empty lines stand between them and are none', () => {
    expect(paragraphsOf('\n\none\n\n \t\n\ntwo\nthree\n\n')).toEqual(['one', 'two', 'three']);
  });

  test('[DOC3] lines that were wrapped to a width are joined, and Chinese ones without a space', () => {
    const line = 'word '.repeat(13).trim();
    expect(paragraphsOf(`${line}\n${line}\n${line}\nend.\n\n${line}\nend.`)).toEqual([
      `${line} ${line} ${line} end.`,
      `${line} end.`,
    ]);
    const chinese = '天'.repeat(50);
    expect(paragraphsOf(`${chinese}\n${chinese}\n${chinese}\n完\n\n${chinese}\n完`)).toEqual([
      chinese.repeat(3) + '完',
      chinese + '完',
    ]);
  });

  test('[DOC4] verse keeps its lines', () => {
    const verse =
      'Tyger Tyger, burning bright,\nIn the forests of the night;\nWhat immortal hand or eye,\n\nCould frame\nthy symmetry?';
    expect(paragraphsOf(verse)).toEqual(verse.split('\n').filter((line) => line !== ''));
  });

  test('[DOC5] characters keep their Unicode form and none but white space is lost', () => {
    expect(imported('e\u0301 \u00e9 ﬁ').delta).toEqual([{ insert: 'e\u0301 \u00e9 ﬁ\n' }]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const letters = text.replace(/[\s\u0085\ufeff]/gu, '');
        expect(
          paragraphsOf(text)
            .join('')
            .replace(/[\s\u0085\ufeff]/gu, ''),
        ).toBe(letters);
      }),
    );
  });

  test('[DOC6] the content ends with a line break and is as long as it says', () => {
    const { delta, length } = imported(
      'A title\n\nA text that is a good deal longer than its title, as texts are.',
    );
    expect(plainText(delta)).toBe(
      'A title\nA text that is a good deal longer than its title, as texts are.\n',
    );
    expect(length).toBe(plainText(delta).length);
    expect(delta[1]).toEqual({ insert: '\n', attributes: { header: 1 } });
  });
});

describe('a title', () => {
  const long =
    'The river had been rising since the morning, and nobody in the village said a word about it to anybody.';
  const chinese = '在江边住了许多年以后,他才明白河水为什么总是在夜里涨起来,而天亮之前又悄悄地退回去。';
  test.each([
    ['On rivers\n\n' + long, 'essay.txt', 'On rivers'],
    ['论河\n' + chinese, 'essay.zh.txt', '论河'],
    [long, 'the-rising_river.txt', 'The rising river'],
    [long, 'The Rising.en.txt', 'The Rising'],
    [long, 'essay.txt', 'The river had been rising since the morning…'],
    [chinese, 'essay.zh.txt', '在江边住了许多年以后,他才明白河水为什么总是在夜里涨起来…'],
    [chinese, '江边.txt', '江边'],
    ['字'.repeat(80), 'text.txt', '字'.repeat(29) + '…'],
    ['word '.repeat(40), '1.txt', 'word word word word word word word word word word word…'],
    ['A short text.', 'draft (2).txt', 'A short text.'],
  ])('[DOC7] %# is of its first line, its file or its first words', (text, file, title) => {
    expect(chooseTitle(paragraphsOf(text), file)).toBe(title);
  });
});

describe('an author line', () => {
  test.each([
    [['By Virginia Woolf', 'x'], 'Virginia Woolf'],
    [['Title', 'by Virginia Woolf', 'x'], 'Virginia Woolf'],
    [['x', '(作者单位:某某大学文学院)'], '作者单位:某某大学文学院'],
    [['x', '（作者单位：某某大学文学院）'], '作者单位：某某大学文学院'],
    [['作者：鲁迅', 'x'], '鲁迅'],
    [['x', '文／张三'], '张三'],
    [['x', 'Author: Anna'], 'Anna'],
    [['By Monday the water had risen.', 'x'], null],
    [['x', 'y', 'By Virginia Woolf', 'z', 'w'], null],
    [['文章写得好', 'x'], null],
    [[], null],
  ])('[DOC8] in %j is %j', (lines, author) => {
    expect(findAuthor(lines)).toBe(author);
  });

  test('[DOC9] it stays in the text', () => {
    const { author, delta } = imported(
      '夜里下了一场雨,天亮的时候街上已经干了,没有人记得。\n(作者单位:某某大学文学院)',
    );
    expect(author).toBe('作者单位:某某大学文学院');
    expect(plainText(delta)).toContain('(作者单位:某某大学文学院)\n');
  });
});

describe('a language', () => {
  test.each([
    ['The margin is the place where a reader answers.', 'en'],
    ['书页的空白处是读者回答的地方。', 'zh'],
    ['书页的空白处,DeepSeek R1 的读者 Anna Writer 也回答。', 'zh'],
    ['余白は読者が答える場所です。', 'ja'],
    ['여백은 독자가 대답하는 곳이다.', 'ko'],
    ['Der Rand ist der Ort, an dem ein Leser dem Text eine Antwort gibt.', 'de'],
    ['La marge est le lieu où le lecteur répond au texte qu’il a sous les yeux.', 'fr'],
    ['Поля — это место, где читатель отвечает тексту, который он читает.', 'ru'],
    ['12345 …', 'und'],
  ])('[DOC10] of %j is %s', (text, language) => {
    expect(guessLanguage(text)).toBe(language);
  });
});

describe('a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'marginalia-essay-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, bytes: Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  test('[DOC11] in UTF-8, with a byte order mark or without, is read', async () => {
    const read = await readEssay(
      file('a-walk.txt', new Uint8Array([0xef, 0xbb, 0xbf, ...utf8('One line, no more.')])),
    );
    expect(read).toMatchObject({
      ok: true,
      value: { title: 'A walk', delta: [{ insert: 'One line, no more.\n' }] },
    });
  });

  mkdirSync(join(folder, 'folder.txt'));
  test.each([
    ['missing.txt', null, /cannot be read: there is no such file\.$/],
    ['folder.txt', null, /cannot be read: it is a folder\.$/],
    ['latin.txt', new Uint8Array([0x63, 0x61, 0x66, 0xe9]), /is not a text in UTF-8\.$/],
    ['wide.txt', new Uint8Array([0xff, 0xfe, 0x61, 0x00]), /is not a text in UTF-8\.$/],
    ['binary.txt', utf8('a\0b'), /is not a text\.$/],
    ['empty.txt', utf8(' \n\t\n'), /is empty\.$/],
    ['text.md', utf8('# A'), /is Markdown: .*\.$/],
    ['text.html', utf8('<p>A'), /is HTML: .*\.$/],
    ['long.txt', utf8('x'.repeat(2_000_001)), /is longer than 2,000,000 characters\.$/],
    ['longer.txt', new Uint8Array(10 * 1024 * 1024).fill(0x78), /is longer than 2,000,000 characters\.$/],
  ])('[DOC12] %s is one sentence that names it', async (name, bytes, sentence) => {
    const path = bytes ? file(name, bytes) : join(folder, name);
    const read = await readEssay(path);
    expect(read.ok).toBe(false);
    const error = read.ok ? '' : read.error;
    expect(error).toMatch(sentence);
    expect(error.startsWith(`ESSAY: ${path} `)).toBe(true);
    expect(error).not.toContain('\n');
  });

  test('[DOC13] two million characters are taken, also of two code units each', () => {
    expect(importTextFile(utf8('😀'.repeat(1_999_999)), 'a.txt').ok).toBe(true);
    expect(importTextFile(utf8('😀'.repeat(2_000_000)), 'a.txt').ok).toBe(false);
  });
});

test('[DOC14] the samples are two texts in two languages, as they say', () => {
  expect(sampleTexts.map(({ language }) => language)).toEqual(['en', 'zh']);
  for (const { delta, language, length } of sampleTexts) {
    const text = plainText(delta);
    expect(guessLanguage(text)).toBe(language);
    expect(text.length).toBe(length);
    expect(text.endsWith('\n')).toBe(true);
    expect(paragraphsOf(text).join('\n') + '\n').toBe(text);
  }
});
