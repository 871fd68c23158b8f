/**
 * The target of a W3C annotation and what a room has for it: words of the document, the whole of it, or a thread that
 * is replied to. What the room has no field for is kept and given back.
 */

import { equalityDeep } from 'lib0/function';
import type { Json, JsonObject, Target } from './entries.js';
import { asList, hasType, isObject } from './web-bodies.js';

/** Which IRIs are ours. */
export interface Places {
  /** The IRI that is given to the document. */
  readonly document: string;
  /** Is this one of the document's IRIs? */
  isDocument(iri: string): boolean;
  /** The name of the annotation or reply of this container that the IRI names; null where it names none. */
  nameOf(iri: string): string | null;
}

export interface Quote {
  readonly exact: string;
  readonly prefix: string;
  readonly suffix: string;
}

/** Unicode code points into the document's text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type ReadTarget =
  /** The whole document. */
  | { readonly kind: 'document' }
  /** Words of it: at least one of the two is there. */
  | { readonly kind: 'words'; readonly quote?: Quote | undefined; readonly span?: Span | undefined }
  /** An annotation or reply of this container, by its name. */
  | { readonly kind: 'entry'; readonly name: string }
  /** Something else, or words that we cannot look for: kept as it is. */
  | { readonly kind: 'elsewhere' };

const iriOf = (target: Json): string | undefined => {
  if (typeof target === 'string') return target;
  if (!isObject(target)) return undefined;
  const source = target['source'] ?? target['id'];
  if (isObject(source)) return typeof source['id'] === 'string' ? source['id'] : undefined;
  return typeof source === 'string' ? source : undefined;
};

/** A selector, or what a list or choice of selectors holds. */
const selectorsOf = (target: JsonObject): JsonObject[] =>
  asList(target['selector']).flatMap((selector) => {
    if (!isObject(selector)) return [];
    return hasType(selector, 'Choice') ? asList(selector['items']).filter(isObject) : [selector];
  });

const string = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

function readOne(target: Json, places: Places): ReadTarget {
  const iri = iriOf(target);
  if (iri === undefined) return { kind: 'elsewhere' };
  const name = places.nameOf(iri);
  if (name !== null) return { kind: 'entry', name };
  if (!places.isDocument(iri)) return { kind: 'elsewhere' };
  if (!isObject(target) || target['selector'] === undefined) return { kind: 'document' };
  const selectors = selectorsOf(target);
  const quote = selectors.find((selector) => hasType(selector, 'TextQuoteSelector'));
  const span = selectors.find((selector) => hasType(selector, 'TextPositionSelector'));
  if (!quote && !span) return { kind: 'elsewhere' };
  return {
    kind: 'words',
    quote: quote && {
      exact: string(quote['exact']),
      prefix: string(quote['prefix']),
      suffix: string(quote['suffix']),
    },
    span: span && { start: Number(span['start']), end: Number(span['end']) },
  };
}

/** Reads the target of a valid annotation. Of several, words of the document come first. */
export function readTarget(target: Json, places: Places): ReadTarget {
  const all = asList(target).map((one) => readOne(one, places));
  if (all.length === 1 && all[0]) return all[0];
  return (
    all.find(({ kind }) => kind === 'words') ??
    all.find(({ kind }) => kind === 'document') ?? { kind: 'elsewhere' }
  );
}

const quoteSelector = ({ exact, prefix, suffix }: Quote): JsonObject => ({
  type: 'TextQuoteSelector',
  exact,
  ...(prefix !== '' && { prefix }),
  ...(suffix !== '' && { suffix }),
});
const spanSelector = ({ start, end }: Span): JsonObject => ({ type: 'TextPositionSelector', start, end });

const selectors = (target: Target, span: Span | null): JsonObject[] =>
  span ? [quoteSelector(target), spanSelector(span)] : [quoteSelector(target)];

/** What of `given` the fields do not say: goes into the entry's `jsonld.target`. Words that the field has are left out. */
export function keepTarget(
  given: Json,
  target: Target | null,
  span: Span | null,
  places: Places,
): Json | undefined {
  if (equalityDeep(writeTarget(target, span, undefined, places), given)) return undefined;
  return target ? inWords(given, places, (words) => withoutExact(words, target.exact)) : given;
}

/**
 * The target as it is now. `span` is where the words stand, null while they are lost. `kept` is what `keepTarget`
 * kept; `moved`: the target was attached anew since then, so its old selectors no longer hold.
 */
export function writeTarget(
  target: Target | null,
  span: Span | null,
  kept: Json | undefined,
  places: Places,
  moved = false,
): Json {
  const plain: Json = target
    ? { type: 'SpecificResource', source: places.document, selector: selectors(target, span) }
    : places.document;
  if (kept === undefined) return plain;
  if (!target) return kept;
  let found = false;
  const written = inWords(kept, places, (words) => {
    found = true;
    return moved ? { ...words, selector: selectors(target, span) } : withPlace(words, target, span);
  });
  return found || !moved ? written : plain;
}

/** Changes the first target that points at words of the document. */
function inWords(given: Json, places: Places, change: (words: JsonObject) => JsonObject): Json {
  let done = false;
  const visit = (one: Json): Json => {
    if (done || !isObject(one) || readOne(one, places).kind !== 'words') return one;
    done = true;
    return change(one);
  };
  return Array.isArray(given) ? given.map(visit) : visit(given);
}

function inSelectors(words: JsonObject, change: (selector: JsonObject) => JsonObject): JsonObject {
  const visit = (selector: Json): Json => {
    if (!isObject(selector)) return selector;
    if (!hasType(selector, 'Choice')) return change(selector);
    return { ...selector, items: asList(selector['items']).map(visit) };
  };
  const { selector = null } = words;
  return { ...words, selector: Array.isArray(selector) ? selector.map(visit) : visit(selector) };
}

const withoutExact = (words: JsonObject, exact: string): JsonObject =>
  inSelectors(words, (selector) => {
    if (!hasType(selector, 'TextQuoteSelector') || selector['exact'] !== exact) return selector;
    const { exact: _, ...rest } = selector;
    return rest;
  });

const withPlace = (words: JsonObject, target: Target, span: Span | null): JsonObject =>
  inSelectors(words, (selector) => {
    if (hasType(selector, 'TextQuoteSelector')) return { exact: target.exact, ...selector };
    return hasType(selector, 'TextPositionSelector') && span
      ? { ...selector, ...spanSelector(span) }
      : selector;
  });
