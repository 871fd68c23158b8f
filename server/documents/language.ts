/** The language of a text, guessed: by its script where the script decides, else by its words. */

import { detect } from 'tinyld';

/** UTF-16 code units that are looked at: enough to be sure, and quick on a book. */
const sampleLength = 8_000;

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** A BCP 47 tag such as `zh` or `en`; `und` where nothing can be said. */
export function guessLanguage(text: string): string {
  // From the middle of a long text: it begins with names and titles.
  const start = Math.max(0, Math.floor((text.length - sampleLength) / 2));
  const sample = text.slice(start, start + sampleLength);
  const letters = count(sample, /\p{L}/gu);
  if (letters === 0) return 'und';

  const kana = count(sample, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu);
  const han = count(sample, /\p{Script=Han}/gu);
  const hangul = count(sample, /\p{Script=Hangul}/gu);
  // One character of these scripts says what several letters do, so a text with Latin names is still theirs.
  if (hangul > letters / 5 && hangul > han) return 'ko';
  if (han + kana > letters / 5) return kana > (han + kana) / 20 ? 'ja' : 'zh';
  return detect(sample) || 'und';
}
