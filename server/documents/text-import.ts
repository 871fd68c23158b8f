/**
 * A plain text file as a document: its paragraphs as the lines of a Delta, its title, author line and language. Only
 * line ends are rewritten; characters keep their Unicode form, so that others find the words that they quote.
 */

import type { Op } from '#core/delta.js';
import { ok, type Result } from '#core/result.js';
import { findAuthor } from './author-line.js';
import { guessLanguage } from './language.js';
import { chooseTitle, isTitleLine } from './title.js';

/** A text that can become a document. */
export interface ImportedText {
  readonly title: string;
  readonly author: string | null;
  /** BCP 47; `und` where it could not be guessed. */
  readonly language: string;
  readonly delta: readonly Op[];
  /** UTF-16 code units of the content. */
  readonly length: number;
}

/** Unicode code points of a document. */
const longestText = 2_000_000;

/** Decodes and imports. An error is one sentence, to stand behind the file's name. */
export function importTextFile(bytes: Uint8Array, fileName: string): Result<ImportedText, string> {
  const no = (error: string): Result<never, string> => ({ ok: false, error });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return no('is not a text in UTF-8');
  }
  if (text.includes('\0')) return no('is not a text');
  return importText(text, fileName);
}

export function importText(text: string, fileName: string): Result<ImportedText, string> {
  const lines = paragraphsOf(text);
  if (lines.length === 0) return { ok: false, error: 'is empty' };
  const content = lines.map((line) => line + '\n').join('');
  const length = content.length;
  // Code points are at most as many as code units: only a text of that many is counted.
  if (length > longestText && [...content].length > longestText)
    return { ok: false, error: `is longer than ${longestText.toLocaleString('en')} characters` };

  const [first = '', ...rest] = lines;
  const delta: Op[] = isTitleLine(lines)
    ? [
        { insert: first },
        { insert: '\n', attributes: { header: 1 } },
        { insert: content.slice(first.length + 1) },
      ]
    : [{ insert: content }];
  return ok({
    title: chooseTitle(lines, fileName),
    author: findAuthor(isTitleLine(lines) ? rest : lines),
    language: guessLanguage(content),
    delta,
    length,
  });
}

/** One string a paragraph, none of them empty. */
export function paragraphsOf(text: string): string[] {
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .map((line) => line.replace(/\s+$/u, ''));
  const groups: string[][] = [[]];
  for (const line of lines) {
    if (line.trim() !== '') groups.at(-1)?.push(line);
    else if (groups.at(-1)?.length !== 0) groups.push([]);
  }
  const wrapped = isWrapped(groups);
  return groups.flatMap((group) => (wrapped && group.length > 0 ? [group.reduce(joinLines)] : group));
}

/** Line lengths, in code units, between which a typewriter or a mail program wraps. */
const wrapsFrom = 45;
const wrapsTo = 100;

/**
 * Were the lines broken to fit a width, with empty lines between paragraphs? Then all lines but a paragraph's last
 * are nearly of one length. In verse they are shorter, and in other texts a line is a paragraph.
 */
function isWrapped(groups: readonly string[][]): boolean {
  const inner = groups.flatMap((group) => group.slice(0, -1)).map((line) => line.length);
  if (groups.length < 2 || inner.length < 3) return false;
  const fitting = inner.filter((length) => length >= wrapsFrom && length <= wrapsTo).length;
  return fitting >= inner.length * 0.8 && Math.max(...inner) <= wrapsTo;
}

/** Chinese and Japanese are set without spaces. */
const withoutSpaces = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;

function joinLines(before: string, line: string): string {
  const next = line.trimStart();
  const tight = withoutSpaces.test(before.at(-1) ?? '') && withoutSpaces.test(next.at(0) ?? '');
  return before + (tight ? '' : ' ') + next;
}
