/** Words that somebody names by quote or by position become a target that follows them through later edits. */

import type * as Y from 'yjs';
import { captureTarget } from '#core/anchor.js';
import { plainText, toUtf16, type Op } from '#core/delta.js';
import { limits, type Target } from '#core/entries.js';
import { encodePosition } from '#core/position.js';
import { ok, type Result } from '#core/result.js';
import type { Quote, Span } from '#core/web-target.js';

export interface Words {
  readonly quote?: Quote | undefined;
  /** Unicode code points. */
  readonly span?: Span | undefined;
}

/**
 * Where the words stand in the text. A quote counts more than a position, which only chooses among equal quotes; a
 * quote that the text does not hold (to the letter) is kept as lost. An error is one sentence.
 */
export function anchorWords(text: Y.Text, { quote, span }: Words): Result<Target, string> {
  const no = (error: string): Result<never, string> => ({ ok: false, error });
  const plain = plainText(text.toDelta() as Op[]);
  const hint = span && { from: toUtf16(plain, span.start), to: toUtf16(plain, span.end) };
  if (!quote) {
    if (!hint || hint.from >= hint.to) return no('holds no words of the document');
    if (hint.to - hint.from > limits.exact) return no(`is longer than ${limits.exact} characters`);
    return ok(captureTarget(text, hint.from, hint.to));
  }
  if (quote.exact.length > limits.exact) return no(`is longer than ${limits.exact} characters`);
  const from = findQuote(plain, quote, hint?.from);
  return ok(from === null ? lostTarget(quote) : captureTarget(text, from, from + quote.exact.length));
}

/** Occurrences that are compared: enough for any quote that means something. */
const most = 1_000;

/** The occurrence whose surroundings are most like the quote's; of equals the nearest to the hint, then the first. */
function findQuote(plain: string, { exact, prefix, suffix }: Quote, hint = 0): number | null {
  let best: { at: number; context: number; distance: number } | null = null;
  let at = plain.indexOf(exact);
  for (let seen = 0; at >= 0 && seen < most; seen++, at = plain.indexOf(exact, at + 1)) {
    const context =
      sharedEnd(plain.slice(0, at), prefix) + sharedStart(plain.slice(at + exact.length), suffix);
    const distance = Math.abs(at - hint);
    if (!best || context > best.context || (context === best.context && distance < best.distance))
      best = { at, context, distance };
  }
  return best?.at ?? null;
}

function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < b.length && a[length] === b[length]) length++;
  return length;
}

function sharedEnd(a: string, b: string): number {
  let length = 0;
  while (length < b.length && a[a.length - 1 - length] === b[b.length - 1 - length]) length++;
  return length;
}

/** Begins at the text's end and ends at its beginning: no words are left, and the quote says which they were. */
const lostTarget = ({ exact, prefix, suffix }: Quote): Target => ({
  start: encodePosition({ item: null, assoc: 0 }),
  end: encodePosition({ item: null, assoc: -1 }),
  exact,
  prefix: prefix.slice(-limits.context),
  suffix: suffix.slice(0, limits.context),
  from: 0,
  to: 0,
});
