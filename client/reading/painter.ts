/**
 * Paints marks on the text by the CSS Custom Highlight API: one highlight a colour, static ranges kept by block,
 * registered for blocks near the window only, because a change to any highlight looks at every registered range.
 * Nothing is put inside the text, so a reader's own selection lives through others' work.
 */

import { colors, type Color } from '#core/entries.js';
import type { Place } from './places.js';
import type { TextDom } from './text-dom.js';

export interface Selected {
  readonly from: number;
  readonly to: number;
  /** 1 to 6. */
  readonly hue: number;
}

export interface Picture {
  /** By block, what stands in it. */
  readonly byBlock: readonly (readonly Place[])[];
  readonly near: ReadonlySet<number>;
  readonly active: { from: number; to: number; color: Color } | null;
  readonly picked: { from: number; to: number } | null;
  readonly selected: readonly Selected[];
}

type Layer = Color | `active-${Color}` | 'resolved' | 'picked' | `who-${number}`;

const hues = [1, 2, 3, 4, 5, 6];
/** From below to above. */
const layers: readonly Layer[] = [
  'resolved',
  ...colors,
  ...hues.map((hue): Layer => `who-${hue}`),
  'picked',
  ...colors.map((color): Layer => `active-${color}`),
];

const supported = (): boolean => typeof Highlight === 'function' && 'highlights' in CSS;

interface Drawn {
  places: readonly Place[];
  ranges: { layer: Layer; range: StaticRange }[];
}

export class Painter {
  readonly #highlights = new Map<Layer, Highlight>();
  #dom: TextDom | null = null;
  /** Kept ranges, by block element: as good as the element's text and the list of places are unchanged. */
  #drawn = new WeakMap<HTMLElement, Drawn>();

  constructor() {
    if (!supported()) return;
    layers.forEach((layer, index) => {
      const highlight = new Highlight();
      highlight.priority = index;
      this.#highlights.set(layer, highlight);
      CSS.highlights.set(layer, highlight);
    });
  }

  /** Ranges hold text nodes: another drawing of the text needs others. */
  setDom(dom: TextDom): void {
    if (dom === this.#dom) return;
    this.#dom = dom;
    this.#drawn = new WeakMap();
  }

  paint({ byBlock, near, active, picked, selected }: Picture): void {
    const dom = this.#dom;
    if (!dom || this.#highlights.size === 0) return;
    for (const highlight of this.#highlights.values()) if (highlight.size > 0) highlight.clear();
    const add = (layer: Layer, range: StaticRange | null) => {
      if (range) this.#highlights.get(layer)?.add(range);
    };
    for (const index of near) {
      for (const { layer, range } of this.#rangesOf(dom, index, byBlock[index] ?? [])) add(layer, range);
      if (active) add(`active-${active.color}`, dom.rangesIn(index, active.from, active.to));
      if (picked) add('picked', dom.rangesIn(index, picked.from, picked.to));
      for (const { from, to, hue } of selected) add(`who-${hue}`, dom.rangesIn(index, from, to));
    }
  }

  close(): void {
    for (const layer of this.#highlights.keys()) CSS.highlights.delete(layer);
    this.#highlights.clear();
  }

  #rangesOf(dom: TextDom, index: number, places: readonly Place[]): Drawn['ranges'] {
    const element = dom.elements[index];
    if (!element) return [];
    const drawn = this.#drawn.get(element);
    if (drawn?.places === places) return drawn.ranges;
    const ranges = places.flatMap(({ from, to, thread }) => {
      const range = dom.rangesIn(index, from, to);
      const layer: Layer = thread.status.state === 'resolved' ? 'resolved' : thread.annotation.color;
      return range ? [{ layer, range }] : [];
    });
    this.#drawn.set(element, { places, ranges });
    return ranges;
  }
}
