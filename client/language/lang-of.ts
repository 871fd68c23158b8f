/**
 * A guess at the language of what somebody wrote, from its letters alone: enough to choose faces, quotation marks
 * and a voice. Undefined where there are no letters to go by.
 */

const han = /\p{Script=Han}/u;
const kana = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const hangul = /\p{Script=Hangul}/u;
const latin = /\p{Script=Latin}/u;

/** A BCP 47 tag; `und-Latn` for words in Latin letters, whose language is not known. */
export function langOf(words: string): string | undefined {
  const sample = words.slice(0, 400);
  if (kana.test(sample)) return 'ja';
  if (hangul.test(sample)) return 'ko';
  if (han.test(sample)) return 'zh';
  return latin.test(sample) ? 'und-Latn' : undefined;
}

/** English within Chinese: several words with their punctuation, a number in groups, a time of day. */
const stretch =
  /[A-Za-z][\w.'’&-]*(?:[,:;]? \(?[A-Za-z0-9][\w.'’&-]*\)?)+|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,2}:\d{2}/g;

/**
 * Cuts a line of Chinese where ASCII punctuation belongs to Latin words or numbers, so that it is not drawn full
 * width there. The pieces joined are the line.
 */
export function latinStretches(line: string): { text: string; latin: boolean }[] {
  const pieces: { text: string; latin: boolean }[] = [];
  let at = 0;
  for (const match of line.matchAll(stretch)) {
    if (!/[,:;()]/.test(match[0])) continue;
    if (match.index > at) pieces.push({ text: line.slice(at, match.index), latin: false });
    pieces.push({ text: match[0], latin: true });
    at = match.index + match[0].length;
  }
  if (at < line.length || pieces.length === 0) pieces.push({ text: line.slice(at), latin: false });
  return pieces;
}
