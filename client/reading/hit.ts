/**
 * From a point in the window to what is marked there. A caret sits between two characters and snaps to the nearer,
 * so the character's own box is asked before anything is believed.
 */

import type { Place } from './places.js';
import type { Point, TextDom } from './text-dom.js';

function caretAt(x: number, y: number): Point | null {
  if (typeof document.caretPositionFromPoint === 'function') {
    const caret = document.caretPositionFromPoint(x, y);
    return caret && { node: caret.offsetNode, offset: caret.offset };
  }
  const range = document.caretRangeFromPoint(x, y);
  return range && { node: range.startContainer, offset: range.startOffset };
}

/** UTF-16 offset of the character whose box holds the point, or -1. */
export function characterAt(dom: TextDom, x: number, y: number): number {
  const caret = caretAt(x, y);
  const after = caret ? dom.offsetOf(caret.node, caret.offset) : -1;
  if (after < 0) return -1;
  const block = dom.blockAt(after);
  for (const offset of [after, after - 1]) {
    if (offset < dom.start(block) || offset >= dom.end(block)) continue;
    const box = dom.boxAt(offset);
    if (box && x >= box.left && x < box.right && y >= box.top && y < box.bottom) return offset;
  }
  return -1;
}

/** The places that hold a character, the shortest first. */
export const placesAt = (places: readonly Place[], offset: number): Place[] =>
  offset < 0
    ? []
    : places
        .filter(({ from, to }) => from <= offset && offset < to)
        .sort((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from);
