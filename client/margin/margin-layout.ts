/**
 * The margin's layout, outside React: measures passages and cards, places all cards as numbers in one frame, and
 * says which are near the window. Far passages are guessed within their block, and exact before they are seen.
 */

import { Value } from '../session/value.js';
import type { Stage } from '../reading/stage.js';
import type { TextDom } from '../reading/text-dom.js';
import { cardsBetween, placeCards, type CardBox } from './place-cards.js';

export interface Item {
  readonly key: string;
  /** UTF-16 offset of the passage; -1: of the whole text, or unknown. */
  readonly from: number;
  /** whole: at the top of the text; tail: after its end. */
  readonly stands: 'passage' | 'whole' | 'tail';
  /** Inside its frame, from the card's top to its first line, in px. */
  readonly inset: number;
}

export interface Laid {
  readonly items: readonly Item[];
  readonly tops: Float64Array;
  /** Of the items, first and last whose card is within 1.5 windows. */
  readonly cards: Stretch;
  /** Of the items, first and last whose passage is: what the text names near the window. */
  readonly passages: Stretch;
  /** Px from the top of the margin to below the last card. */
  readonly height: number;
}

/** First and last index; none where the last is before the first. */
type Stretch = readonly [first: number, last: number];

/** A card that has not been drawn yet, in px. */
const guessedHeight = 96;
/** Half of a card's first line, in px: it is centred on the passage's first line. */
const headLine = 24;

const none: Stretch = [0, -1];
const nothing: Laid = { items: [], tops: new Float64Array(0), cards: none, passages: none, height: 0 };
const same = (a: Stretch, b: Stretch): boolean => a[0] === b[0] && a[1] === b[1];

export class MarginLayout {
  readonly laid = new Value<Laid>(nothing);
  readonly #stage: Stage;
  readonly #heights = new Map<string, number>();
  /** Lines of passages, good until the text is laid out anew or the passage moves; a guess until its block is near. */
  readonly #lines = new Map<string, { generation: number; from: number; y: number; exact: boolean }>();
  #blocks: { generation: number; tops: Float64Array; heights: Float64Array } | null = null;
  readonly #observer: ResizeObserver;
  readonly #stops: (() => void)[];
  #items: readonly Item[] = [];
  #pivot: string | null = null;
  #held: string | null = null;
  #due = 0;

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#observer = new ResizeObserver((entries) => this.#measured(entries));
    this.#stops = [stage.laidOut.subscribe(this.#soon)];
    addEventListener('scroll', this.#soon, { passive: true });
    addEventListener('resize', this.#soon);
  }

  setItems(items: readonly Item[], pivot: string | null): void {
    this.#items = items;
    this.#pivot = pivot;
    this.#soon();
  }

  /** The card under the pointer or with the focus stays where it is while others come and grow. */
  hold(key: string | null): void {
    this.#held = key;
  }

  /** A ref for a card's element. */
  readonly observe = (element: HTMLElement | null): (() => void) | undefined => {
    if (!element) return undefined;
    this.#observer.observe(element);
    return () => this.#observer.unobserve(element);
  };

  close(): void {
    cancelAnimationFrame(this.#due);
    this.#observer.disconnect();
    for (const stop of this.#stops) stop();
    removeEventListener('scroll', this.#soon);
    removeEventListener('resize', this.#soon);
  }

  /** Sizes are only noted here: adding or sizing elements inside the observer would make it fire again. */
  #measured(entries: readonly ResizeObserverEntry[]): void {
    let changed = false;
    for (const { target, borderBoxSize } of entries) {
      const key = (target as HTMLElement).dataset['card'];
      const height = Math.ceil(borderBoxSize[0]?.blockSize ?? 0);
      if (!key || height === 0 || this.#heights.get(key) === height) continue;
      this.#heights.set(key, height);
      changed = true;
    }
    if (changed) this.#soon();
  }

  readonly #soon = (): void => {
    this.#due ||= requestAnimationFrame(() => {
      this.#due = 0;
      this.#layOut();
    });
  };

  #layOut(): void {
    const dom = this.#stage.dom.get();
    if (!dom) return;
    const before = this.laid.get();
    const origin = dom.root.getBoundingClientRect().top;
    const cards = this.#items.map((item): CardBox => ({
      want: this.#lineOf(dom, item, origin) - item.inset,
      height: this.#heights.get(item.key) ?? guessedHeight,
    }));
    const tops = placeCards(cards, this.#placing(before));
    const reach = innerHeight * 1.5;
    const [top, bottom] = [-origin - reach, -origin + innerHeight + reach];
    const wants = Float64Array.from(cards, ({ want }) => want);
    const laid: Laid = {
      items: this.#items,
      tops,
      cards: cardsBetween(tops, cards, top, bottom),
      passages: cardsBetween(wants, cards, top, bottom),
      height: lowest(tops, cards),
    };
    const unchanged =
      before.items === laid.items &&
      same(before.cards, laid.cards) &&
      same(before.passages, laid.passages) &&
      before.height === laid.height &&
      tops.every((at, index) => at === before.tops[index]);
    if (!unchanged) this.laid.set(laid);
  }

  #placing(before: Laid) {
    const lowest = 20;
    const pivot = this.#items.findIndex(({ key }) => key === this.#pivot);
    if (pivot >= 0) return { pivot, lowest };
    const held = this.#items.findIndex(({ key }) => key === this.#held);
    const heldBefore = before.items.findIndex(({ key }) => key === this.#held);
    const pivotTop = before.tops[heldBefore];
    return held >= 0 && pivotTop !== undefined ? { pivot: held, pivotTop, lowest } : { lowest };
  }

  /** Where the passage's first line begins to be level with a card's, from the top of the text. */
  #lineOf(dom: TextDom, { key, from, stands }: Item, origin: number): number {
    if (stands === 'whole') return 48;
    if (stands === 'tail' || from < 0) return dom.root.offsetHeight;
    const { generation } = this.#stage;
    const known = this.#lines.get(key);
    const index = dom.blockAt(from);
    const near = this.#stage.isNear(index);
    if (known?.generation === generation && known.from === from && (known.exact || !near)) return known.y;
    const box = near ? dom.boxAt(from) : null;
    const y = box ? box.top - origin + (box.height - headLine) / 2 : this.#guess(dom, index, from);
    this.#lines.set(key, { generation, from, y, exact: box !== null });
    return y;
  }

  #guess(dom: TextDom, index: number, from: number): number {
    const { generation } = this.#stage;
    if (this.#blocks?.generation !== generation) {
      const paragraphs = dom.elements.map((element) => element.parentElement);
      this.#blocks = {
        generation,
        tops: Float64Array.from(paragraphs, (paragraph) => paragraph?.offsetTop ?? 0),
        heights: Float64Array.from(paragraphs, (paragraph) => paragraph?.offsetHeight ?? 0),
      };
    }
    const { tops, heights } = this.#blocks;
    const share = (from - dom.start(index)) / (dom.end(index) - dom.start(index) + 1);
    return (tops[index] ?? 0) + (heights[index] ?? 0) * share;
  }
}

function lowest(tops: Float64Array, cards: readonly CardBox[]): number {
  const last = cards.length - 1;
  return last < 0 ? 0 : (tops[last] ?? 0) + (cards[last]?.height ?? 0);
}
