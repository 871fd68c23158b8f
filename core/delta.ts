/**
 * A text in the Quill Delta format: read as blocks to be set on a page, as plain text, and counted in Unicode code
 * points as W3C selectors do. Offsets are UTF-16 code units of the Delta; an embed counts as one, and stands in
 * plain text as U+FFFC.
 */

export type AttributeValue = null | boolean | number | string;
export type Attributes = Readonly<Record<string, AttributeValue>>;
export type Embed = { readonly image: string } | { readonly divider: true };

/** One piece of a document's Delta. Unknown embeds are kept and count as one. */
export interface Op {
  readonly insert?: string | object;
  readonly attributes?: Attributes | undefined;
}

/** A stretch of one block with one look. */
export interface Run {
  readonly text: string | Embed;
  readonly bold?: true;
  readonly italic?: true;
  readonly code?: true;
  readonly link?: string;
}

export type BlockKind = 'paragraph' | 'heading' | 'item' | 'quote' | 'code' | 'divider';
export type ListKind = 'bullet' | 'ordered' | 'checked' | 'unchecked';

/** One line of the text, or a divider. */
export interface Block {
  readonly kind: BlockKind;
  /** A heading's level, 1 to 6; a list item's depth, from 0; else 0. */
  readonly level: number;
  readonly list?: ListKind;
  /** Where it begins: UTF-16 offset into the text. */
  readonly from: number;
  /** UTF-16 code units, without the line break that ends it. */
  readonly length: number;
  readonly runs: readonly Run[];
}

/** What an embed is in plain text: OBJECT REPLACEMENT CHARACTER. */
export const embedCharacter = '\ufffc';

/** The text alone, one character for each embed, so that its offsets are the Delta's. */
export const plainText = (delta: readonly Op[]): string =>
  delta.map(({ insert }) => (typeof insert === 'string' ? insert : embedCharacter)).join('');

/** A document's Delta cut at its line breaks. The line break that ends the last line makes no block of its own. */
export function toBlocks(delta: readonly Op[]): Block[] {
  const blocks: Block[] = [];
  let runs: Run[] = [];
  let from = 0;
  let at = 0;
  const close = (attributes: Attributes | undefined) => {
    blocks.push({ ...lineStyle(attributes), from, length: at - from, runs });
    runs = [];
  };
  for (const { insert, attributes } of delta) {
    if (typeof insert !== 'string') {
      if (isDivider(insert)) {
        if (runs.length > 0) close(undefined);
        from = at;
        at++;
        blocks.push({ kind: 'divider', level: 0, from, length: 1, runs: [] });
        from = at;
      } else {
        at++;
        runs.push({ text: isImage(insert) ? insert : { image: '' }, ...inlineStyle(attributes) });
      }
      continue;
    }
    const lines = insert.split('\n');
    lines.forEach((line, index) => {
      if (line !== '') runs.push({ text: line, ...inlineStyle(attributes) });
      at += line.length;
      if (index < lines.length - 1) {
        close(attributes);
        at++;
        from = at;
      }
    });
  }
  if (runs.length > 0) close(undefined);
  return blocks;
}

const isDivider = (insert: object | undefined): boolean => insert !== undefined && 'divider' in insert;
const isImage = (insert: object | undefined): insert is { image: string } =>
  insert !== undefined && 'image' in insert && typeof insert.image === 'string';

const lists: ReadonlySet<unknown> = new Set<ListKind>(['bullet', 'ordered', 'checked', 'unchecked']);

/** Quill writes what a line is as attributes of the line break that ends it. */
function lineStyle(attributes: Attributes = {}): Pick<Block, 'kind' | 'level' | 'list'> {
  const { header, list, indent } = attributes;
  if (typeof header === 'number' && header >= 1) {
    return { kind: 'heading', level: Math.min(6, Math.floor(header)) };
  }
  if (lists.has(list)) {
    const level = typeof indent === 'number' ? Math.max(0, Math.min(8, Math.floor(indent))) : 0;
    return { kind: 'item', level, list: list as ListKind };
  }
  if (attributes['blockquote']) return { kind: 'quote', level: 0 };
  if (attributes['code-block']) return { kind: 'code', level: 0 };
  return { kind: 'paragraph', level: 0 };
}

function inlineStyle(attributes: Attributes = {}): Omit<Run, 'text'> {
  return {
    ...(attributes['bold'] ? { bold: true as const } : undefined),
    ...(attributes['italic'] ? { italic: true as const } : undefined),
    ...(attributes['code'] ? { code: true as const } : undefined),
    ...(typeof attributes['link'] === 'string' ? { link: attributes['link'] } : undefined),
  };
}

/** Do two blocks look the same, wherever they stand? */
export function looksSame(a: Block, b: Block): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.level !== b.level || a.list !== b.list || a.length !== b.length) return false;
  return a.runs.length === b.runs.length && a.runs.every((run, index) => sameRun(run, b.runs[index]));
}

const sameRun = (a: Run, b: Run | undefined): boolean =>
  b !== undefined &&
  a.bold === b.bold &&
  a.italic === b.italic &&
  a.code === b.code &&
  a.link === b.link &&
  (a.text === b.text || JSON.stringify(a.text) === JSON.stringify(b.text));

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** How many code points stand before this UTF-16 offset. An offset within a surrogate pair counts the pair. */
export function toCodePoints(plain: string, offset: number): number {
  const end = Math.min(offset, plain.length);
  let count = Math.max(0, end);
  for (let at = 1; at < end; at++) {
    if (isLowSurrogate(plain.charCodeAt(at)) && isHighSurrogate(plain.charCodeAt(at - 1))) count--;
  }
  return count;
}

/** The UTF-16 offset before which this many code points stand; the text's length where there are fewer. */
export function toUtf16(plain: string, codePoints: number): number {
  let at = 0;
  for (let left = codePoints; left > 0 && at < plain.length; left--) {
    const pair =
      isHighSurrogate(plain.charCodeAt(at)) &&
      at + 1 < plain.length &&
      isLowSurrogate(plain.charCodeAt(at + 1));
    at += pair ? 2 : 1;
  }
  return at;
}
