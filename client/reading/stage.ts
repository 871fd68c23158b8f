/**
 * The text on the screen, outside React: which blocks are near the window, when it was laid out anew, what is
 * painted on it, and the line being read, which stays where it is when text above it changes.
 */

import { scrollBehavior } from '../elements/media.js';
import { Value } from '../session/value.js';
import { Painter, type Picture } from './painter.js';
import { TextDom } from './text-dom.js';
import type { TextState } from './text-source.js';

/** Below the bar, in px: what is above it is not being read. */
const readFrom = 60;

const namedAtOnce = 40;

/** Safari has no idle callbacks. */
const hasIdle = typeof requestIdleCallback === 'function';
const whenIdle = (run: () => void): number =>
  hasIdle ? requestIdleCallback(run, { timeout: 500 }) : window.setTimeout(run, 30);
const cancelIdle = (id: number): void => (hasIdle ? cancelIdleCallback(id) : clearTimeout(id));

const empty: Omit<Picture, 'near'> = { byBlock: [], active: null, picked: null, selected: [] };

export class Stage {
  readonly dom = new Value<TextDom | null>(null);
  /** Counts changes of what is laid out or near: whoever stands beside the text looks again. */
  readonly laidOut = new Value(0);
  /** Counts layouts alone: what was measured before the newest one is stale. */
  generation = 0;
  /** First and last block in the window; the same pair until it changes. */
  readonly inView = new Value<readonly [first: number, last: number]>([0, 0]);
  /** How many blocks, from the first, may list their notes: the lists are made in idle time. */
  readonly named = new Value(0);
  readonly #painter = new Painter();
  readonly #near = new Set<number>();
  readonly #blocks: IntersectionObserver;
  readonly #size: ResizeObserver;
  #picture = empty;
  #pin: { key: number; top: number } | null = null;
  #paintDue = 0;
  #idle = 0;
  #pinDue = 0;

  constructor() {
    this.#blocks = new IntersectionObserver((entries) => this.#see(entries), { rootMargin: '100% 0px' });
    this.#size = new ResizeObserver(() => this.#layOut());
    addEventListener('scroll', this.#scrolled, { passive: true });
    document.fonts.addEventListener('loadingdone', this.#layOut);
  }

  /** After React has drawn this text in `root`. */
  setText(root: HTMLElement, state: TextState): void {
    const before = this.dom.get();
    if (before?.blocks === state.blocks && before.root === root) return;
    const dom = new TextDom(root, state);
    this.#painter.setDom(dom);
    if (before?.root !== root) {
      this.#size.disconnect();
      this.#size.observe(root);
    }
    this.#blocks.disconnect();
    this.#near.clear();
    for (const element of dom.elements) this.#blocks.observe(element);
    this.dom.set(dom);
    this.#layOut();
    this.#nameSoon();
  }

  show(picture: Omit<Picture, 'near'>): void {
    this.#picture = picture;
    this.#paintSoon();
  }

  /** Scrolls so that a passage stands in the part of the window that nothing covers; not at all when it does. */
  reveal(offset: number, uncovered: number): void {
    const box = this.dom.get()?.boxAt(offset);
    if (!box) return;
    const top = readFrom + 12;
    const bottom = innerHeight * uncovered - 12;
    if (box.top >= top && box.bottom <= bottom) return;
    scrollBy({ top: box.top - top - (bottom - top) * 0.25, behavior: scrollBehavior() });
  }

  isNear(index: number): boolean {
    return this.#near.has(index);
  }

  close(): void {
    cancelAnimationFrame(this.#paintDue);
    cancelAnimationFrame(this.#pinDue);
    cancelIdle(this.#idle);
    removeEventListener('scroll', this.#scrolled);
    document.fonts.removeEventListener('loadingdone', this.#layOut);
    this.#blocks.disconnect();
    this.#size.disconnect();
    this.#painter.close();
  }

  #nameSoon(): void {
    cancelIdle(this.#idle);
    this.#idle = whenIdle(() => {
      const blocks = this.dom.get()?.blocks.length ?? 0;
      if (this.named.get() >= blocks) return;
      this.named.set(this.named.get() + namedAtOnce);
      this.#nameSoon();
    });
  }

  #see(entries: readonly IntersectionObserverEntry[]): void {
    const dom = this.dom.get();
    if (!dom) return;
    const index = new Map(dom.elements.map((element, at) => [element as Element, at]));
    for (const { target, isIntersecting } of entries) {
      const at = index.get(target);
      if (at === undefined) continue;
      if (isIntersecting) this.#near.add(at);
      else this.#near.delete(at);
    }
    this.#paintSoon();
    this.laidOut.set(this.laidOut.get() + 1);
  }

  #paintSoon(): void {
    this.#paintDue ||= requestAnimationFrame(() => {
      this.#paintDue = 0;
      this.#painter.paint({ ...this.#picture, near: this.#near });
    });
  }

  readonly #layOut = (): void => {
    this.generation++;
    this.#restorePin();
    this.laidOut.set(this.laidOut.get() + 1);
    this.#paintSoon();
    this.#scrolled();
  };

  readonly #scrolled = (): void => {
    this.#pinDue ||= requestAnimationFrame(() => {
      this.#pinDue = 0;
      this.#takePin();
    });
  };

  #takePin(): void {
    const dom = this.dom.get();
    if (!dom) return;
    const first = firstBelow(dom, readFrom);
    const element = dom.elements[first];
    const block = dom.blocks[first];
    this.#pin = element && block ? { key: block.key, top: element.getBoundingClientRect().top } : null;
    this.#look(dom, first);
  }

  #look(dom: TextDom, first: number): void {
    const beyond = firstBelow(dom, innerHeight - 40);
    const below = (dom.elements[beyond]?.getBoundingClientRect().top ?? 0) > innerHeight - 40;
    const last = Math.max(first, below ? beyond - 1 : beyond);
    const before = this.inView.get();
    if (before[0] !== first || before[1] !== last) this.inView.set([first, last]);
  }

  #restorePin(): void {
    const dom = this.dom.get();
    const pin = this.#pin;
    if (!dom || !pin || scrollY === 0) return;
    const element = dom.elements[dom.blocks.findIndex(({ key }) => key === pin.key)];
    if (!element) return;
    const moved = element.getBoundingClientRect().top - pin.top;
    if (Math.abs(moved) > 0.5) scrollBy({ top: moved, behavior: 'instant' });
  }
}

/** The first block that reaches below a height of the window. */
function firstBelow(dom: TextDom, y: number): number {
  let low = 0;
  let high = dom.elements.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((dom.elements[middle]?.getBoundingClientRect().bottom ?? 0) <= y) low = middle + 1;
    else high = middle;
  }
  return low;
}
