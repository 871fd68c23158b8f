/**
 * Display names: what one may call oneself, and when two names are too much alike for one group. Names are told
 * apart by people's eyes, so case, width and look-alike letters of other scripts do not make another name.
 */

import { ok, type Result } from '#core/result.js';
import { skeleton } from './lookalikes.js';

/** Unicode code points. */
const longestName = 64;
/** More marks on one letter than any language writes: they would cover the lines above and below. */
const tooManyMarks = /\p{M}{5}/u;
/** Control, format and unpaired characters; the two joiners stay, which names in many scripts and emoji need. */
const unseen = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/u;
const somethingToSee = /[\p{L}\p{N}\p{P}\p{S}]/u;
/** A braille cell without dots is a symbol that shows nothing. */
const blankSymbol = /\u2800/gu;

/** The name as it is kept: NFC, trimmed, single spaces. Or one sentence that says what is wrong with it. */
export function readName(raw: string): Result<string, string> {
  const name = raw
    .normalize('NFC')
    .trim()
    .replace(/\p{Zs}+/gu, ' ');
  const no = (error: string): Result<never, string> => ({ ok: false, error });
  if (name === '') return no('A name is needed.');
  if ([...name].length > longestName) return no(`A name has at most ${longestName} characters.`);
  if (unseen.test(name)) return no('A name has no control or direction characters.');
  if (tooManyMarks.test(name.normalize('NFD'))) return no('A name has at most four marks on one letter.');
  const visible = name.replace(blankSymbol, '').replace(/\p{Default_Ignorable_Code_Point}/gu, '');
  return somethingToSee.test(visible) ? ok(name) : no('A name must show something.');
}

const foldCase = (text: string): string => text.toUpperCase().toLowerCase();

/** Equal for names that differ in case, width or look-alike letters only: unique in a group. */
export const nameKey = (name: string): string => foldCase(skeleton(foldCase(name.normalize('NFKC'))));

/**
 * Are two names too much alike for one group? Folding case first, as the key does, loses that a capital I looks like
 * a small l; so the looks with case kept count too. This is no equivalence (Ian ~ lan ~ Lan, but not Ian ~ Lan).
 */
export const alike = (a: string, b: string): boolean =>
  nameKey(a) === nameKey(b) || skeleton(a) === skeleton(b);

/** The first of `name 2`, `name 3` ... that is like none of the names that are taken. */
export function proposeName(name: string, taken: readonly string[]): string {
  for (let number = 2; ; number++) {
    const suffix = ` ${number}`;
    const proposal =
      [...name]
        .slice(0, longestName - suffix.length)
        .join('')
        .trimEnd() + suffix;
    if (!taken.some((other) => alike(other, proposal))) return proposal;
  }
}
