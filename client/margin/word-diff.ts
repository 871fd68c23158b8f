/** What changed between two short passages, word by word: for "then" and "now" beside each other. */

export interface Stretch {
  readonly words: string;
  /** In both, or only in this one. */
  readonly same: boolean;
}

const words = new Intl.Segmenter(undefined, { granularity: 'word' });
const split = (passage: string): string[] => Array.from(words.segment(passage), ({ segment }) => segment);

/** Pairs of words that are compared at most; past it a passage counts as changed whole. */
const patience = 250_000;

/** `then` and `now` cut into stretches that both have and stretches that only one has, by a longest common run of words. */
export function compareWords(then: string, now: string): { then: Stretch[]; now: Stretch[] } {
  const a = split(then);
  const b = split(now);
  if (a.length * b.length > patience) {
    return { then: [{ words: then, same: false }], now: [{ words: now, same: false }] };
  }
  const width = b.length + 1;
  const common = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i * width + j] =
        a[i] === b[j]
          ? (common[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
    }
  }
  const left: Stretch[] = [];
  const right: Stretch[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const down = common[(i + 1) * width + j] ?? 0;
    const across = common[i * width + j + 1] ?? 0;
    if (i < a.length && j < b.length && a[i] === b[j]) {
      put(left, a[i++] ?? '', true);
      put(right, b[j++] ?? '', true);
    } else if (j >= b.length || (i < a.length && down >= across)) put(left, a[i++] ?? '', false);
    else put(right, b[j++] ?? '', false);
  }
  return { then: left, now: right };
}

function put(list: Stretch[], word: string, same: boolean): void {
  const last = list[list.length - 1];
  if (last?.same === same) list[list.length - 1] = { words: last.words + word, same };
  else list.push({ words: word, same });
}
