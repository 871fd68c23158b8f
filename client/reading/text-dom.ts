/**
 * The text as it stands in the page: offsets to points in text nodes and back, and where characters are drawn.
 * Nothing but the text's own nodes lies inside a block's `[data-words]` element; an image counts as one.
 */

import type { KeyedBlock, TextState } from './text-source.js';

export interface Point {
  readonly node: Node;
  readonly offset: number;
}

interface Piece {
  readonly node: Text | Element;
  readonly length: number;
}

const probe = document.createRange();

export class TextDom {
  readonly root: HTMLElement;
  readonly blocks: readonly KeyedBlock[];
  /** The text's words, whose offsets are the text's. */
  readonly plain: string;
  /** The element of each block that holds its words. */
  readonly elements: readonly HTMLElement[];
  readonly #index: Map<Element, number>;

  constructor(root: HTMLElement, { blocks, plain }: TextState) {
    this.root = root;
    this.blocks = blocks;
    this.plain = plain;
    this.elements = [...root.querySelectorAll<HTMLElement>('[data-words]')];
    this.#index = new Map(this.elements.map((element, index) => [element, index]));
  }

  /** The block that holds an offset; the line break that ends a block belongs to it. */
  blockAt(offset: number): number {
    let low = 0;
    let high = this.blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.blocks[middle]?.block.from ?? Infinity) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  start(index: number): number {
    return this.blocks[index]?.block.from ?? 0;
  }

  end(index: number): number {
    const block = this.blocks[index]?.block;
    return block ? block.from + block.length : 0;
  }

  /** A point before (`after`: behind) the character at an offset of this block; null in a block without words. */
  pointIn(index: number, offset: number, after = false): Point | null {
    const element = this.elements[index];
    if (!element) return null;
    let left = Math.max(0, offset - this.start(index));
    let last: Point | null = null;
    for (const { node, length } of pieces(element)) {
      if (left < length || (after && left === length && left > 0)) return inPiece(node, left);
      left -= length;
      last = inPiece(node, length);
    }
    return last;
  }

  /** Ranges over these offsets, one a block that has words of them. */
  rangesIn(index: number, from: number, to: number): StaticRange | null {
    const start = Math.max(from, this.start(index));
    const end = Math.min(to, this.end(index));
    if (start >= end) return null;
    const first = this.pointIn(index, start);
    const last = this.pointIn(index, end, true);
    if (!first || !last) return null;
    return new StaticRange({
      startContainer: first.node,
      startOffset: first.offset,
      endContainer: last.node,
      endOffset: last.offset,
    });
  }

  /** The text's offset of a point in the page, or -1 outside the words. */
  offsetOf(node: Node, offset: number): number {
    const element = (node instanceof Element ? node : node.parentElement)?.closest('[data-words]');
    const index = element ? this.#index.get(element) : undefined;
    if (!element || index === undefined) return -1;
    let at = this.start(index);
    if (node.nodeType !== Node.TEXT_NODE) {
      probe.setStart(node, offset);
      probe.collapse(true);
      for (const piece of pieces(element)) {
        const end = inPiece(piece.node, piece.length);
        if (probe.comparePoint(end.node, end.offset) > 0) break;
        at += piece.length;
      }
      return at;
    }
    for (const piece of pieces(element)) {
      if (piece.node === node) return at + offset;
      at += piece.length;
    }
    return -1;
  }

  /** The box of one character, in the window; null where nothing is drawn of it. */
  boxAt(offset: number): DOMRect | null {
    const index = this.blockAt(offset);
    const point = this.pointIn(index, offset);
    if (!point) return this.elements[index]?.getBoundingClientRect() ?? null;
    probe.setStart(point.node, point.offset);
    const text = point.node instanceof Text;
    const end = text ? Math.min(point.node.length, point.offset + 1) : point.offset + 1;
    if (!text && end > point.node.childNodes.length) return null;
    probe.setEnd(point.node, end);
    const boxes = probe.getClientRects();
    return boxes[boxes.length - 1] ?? null;
  }

  /** The boxes of a stretch, a line each or more, in the window. */
  boxesOf(from: number, to: number): DOMRect[] {
    const first = this.pointIn(this.blockAt(from), from);
    const last = this.pointIn(this.blockAt(Math.max(from, to - 1)), to, true);
    if (!first || !last) return [];
    probe.setStart(first.node, first.offset);
    probe.setEnd(last.node, last.offset);
    return [...probe.getClientRects()].filter((box) => box.width > 0);
  }
}

function inPiece(node: Text | Element, offset: number): Point {
  if (node instanceof Text) return { node, offset };
  const parent = node.parentNode ?? node;
  return { node: parent, offset: [...parent.childNodes].indexOf(node) + Math.min(1, offset) };
}

function pieces(element: Element): Piece[] {
  if (element instanceof HTMLHRElement) return [];
  const found: Piece[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node instanceof Text) found.push({ node, length: node.length });
    else if (node instanceof HTMLImageElement) found.push({ node, length: 1 });
  }
  return found;
}
