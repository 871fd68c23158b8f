/** What the reader has selected in the text, once it has settled: pointer up, and 150 ms without a change. */

import { Value } from '../session/value.js';
import type { Stage } from './stage.js';
import type { TextDom } from './text-dom.js';

export interface Selection {
  readonly from: number;
  readonly to: number;
}

/** Milliseconds without `selectionchange`. */
const settles = 150;

export class SelectionWatch {
  /** null: nothing is selected in the text, or it is still being dragged. */
  readonly settled = new Value<Selection | null>(null);
  readonly #stage: Stage;
  #timer = 0;
  #down = false;

  constructor(stage: Stage) {
    this.#stage = stage;
    document.addEventListener('selectionchange', this.#changed);
    document.addEventListener('pointerdown', this.#pressed);
    document.addEventListener('pointerup', this.#released);
    document.addEventListener('pointercancel', this.#released);
  }

  /** Puts the toolbar away; the selection stays. */
  dismiss(): void {
    clearTimeout(this.#timer);
    this.settled.set(null);
  }

  close(): void {
    clearTimeout(this.#timer);
    document.removeEventListener('selectionchange', this.#changed);
    document.removeEventListener('pointerdown', this.#pressed);
    document.removeEventListener('pointerup', this.#released);
    document.removeEventListener('pointercancel', this.#released);
  }

  readonly #pressed = (event: PointerEvent): void => {
    this.#down = event.target instanceof Element && event.target.closest('.text') !== null;
  };

  readonly #released = (): void => {
    this.#down = false;
    this.#settleSoon();
  };

  readonly #changed = (): void => {
    const dom = this.#stage.dom.get();
    const selection = getSelection();
    // A field that takes the focus, or a press beside the text, says nothing about the words.
    if (!dom || !selection?.anchorNode || !dom.root.contains(selection.anchorNode)) {
      if (selection && selection.rangeCount > 0 && !isField(document.activeElement)) this.#settleSoon();
      return;
    }
    if (!isSame(this.settled.get(), selectionIn(dom))) this.settled.set(null);
    this.#settleSoon();
  };

  #settleSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      if (this.#down) return;
      const dom = this.#stage.dom.get();
      const now = dom && selectionIn(dom);
      if (!isSame(this.settled.get(), now)) this.settled.set(now);
    }, settles);
  }
}

const isField = (element: Element | null): boolean =>
  element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;

const isSame = (a: Selection | null, b: Selection | null): boolean =>
  a === b || (a !== null && b !== null && a.from === b.from && a.to === b.to);

/** The selected words as offsets, without white space at the edges; null when none are in the text. */
export function selectionIn(dom: TextDom): Selection | null {
  const selection = getSelection();
  if (!selection || selection.rangeCount === 0 || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(dom.root)) return null;
  let from = dom.offsetOf(range.startContainer, range.startOffset);
  let to = dom.offsetOf(range.endContainer, range.endOffset);
  if (from < 0 || to < 0) {
    // An end lies between blocks, or in what stands beside the words.
    const touched = dom.elements.flatMap((element, index) => (range.intersectsNode(element) ? [index] : []));
    const [first] = touched;
    const last = touched[touched.length - 1];
    if (first === undefined || last === undefined) return null;
    if (from < 0) from = dom.start(first);
    if (to < 0) to = dom.end(last);
  }
  return trim(dom.plain.slice(from, to), from);
}

function trim(words: string, from: number): Selection | null {
  const start = words.length - words.trimStart().length;
  const length = words.trim().length;
  return length === 0 ? null : { from: from + start, to: from + start + length };
}
