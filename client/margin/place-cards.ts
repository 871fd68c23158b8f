/**
 * Where each card of the margin stands: level with its passage, none over another. Numbers in, numbers out; all
 * cards are placed, however many are drawn, so that none jumps when it comes into the window.
 */

/** Lengths in px from the top of the margin. */
export interface CardBox {
  /** Where the card's top would be, level with its passage. */
  readonly want: number;
  readonly height: number;
}

export interface Placing {
  /** Index of the card that keeps its place while the rest give way; -1: none. */
  readonly pivot?: number;
  /** Where the pivot stands, when not where it wants. */
  readonly pivotTop?: number;
  /** Space between two cards. */
  readonly space?: number;
  /** The highest place for any card. */
  readonly lowest?: number;
}

/**
 * The tops of cards that come in the order of the text. Cards after the pivot move down and cards before it up, just
 * enough; what would be pushed above the top of the margin is held there, and what follows gives way.
 */
export function placeCards(
  cards: readonly CardBox[],
  { pivot = -1, pivotTop, space = 14, lowest = 0 }: Placing = {},
): Float64Array {
  const tops = Float64Array.from(cards, ({ want }) => want);
  const height = (index: number) => cards[index]?.height ?? 0;
  const top = (index: number) => tops[index] ?? 0;
  const from = Math.max(pivot, 0);
  if (pivot >= 0 && pivotTop !== undefined) tops[pivot] = pivotTop;
  for (let index = from + 1; index < cards.length; index++) {
    tops[index] = Math.max(top(index), top(index - 1) + height(index - 1) + space);
  }
  for (let index = from - 1; index >= 0; index--) {
    tops[index] = Math.min(top(index), top(index + 1) - height(index) - space);
  }
  let floor = lowest;
  for (let index = 0; index < cards.length; index++) {
    tops[index] = Math.max(top(index), floor);
    floor = top(index) + height(index) + space;
  }
  return tops;
}

/** First and last card that touch the stretch from `top` to `bottom`; the last before the first where none does. */
export function cardsBetween(
  tops: Float64Array,
  cards: readonly CardBox[],
  top: number,
  bottom: number,
): [first: number, last: number] {
  let first = 0;
  for (let high = tops.length; first < high;) {
    const middle = (first + high) >> 1;
    if ((tops[middle] ?? 0) + (cards[middle]?.height ?? 0) < top) first = middle + 1;
    else high = middle;
  }
  let end = first;
  for (let high = tops.length; end < high;) {
    const middle = (end + high) >> 1;
    if ((tops[middle] ?? 0) <= bottom) end = middle + 1;
    else high = middle;
  }
  return [first, end - 1];
}
