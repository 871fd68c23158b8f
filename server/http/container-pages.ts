/**
 * The container as an AnnotationCollection with its pages, after the Web Annotation Protocol, section 4.
 * https://www.w3.org/TR/annotation-protocol/
 */

import type { Json, JsonObject } from '#core/entries.js';
import { annoContext } from '#core/web-annotation.js';

const ldpContext = 'http://www.w3.org/ns/ldp.jsonld';
export const itemsAPage = 100;

/** What stands in a page: the IRIs of annotations, or the annotations themselves. */
export type Contents = 'iris' | 'descriptions';
/** What the container itself shows: nothing of a page but its IRI, or its first page too. */
export interface Preference {
  readonly contents: Contents;
  readonly embeds: boolean;
  /** `Prefer` named it, so the answer says that it was followed. */
  readonly applied: boolean;
}

const wishes = {
  minimal: 'http://www.w3.org/ns/ldp#PreferMinimalContainer',
  iris: 'http://www.w3.org/ns/oa#PreferContainedIRIs',
  descriptions: 'http://www.w3.org/ns/oa#PreferContainedDescriptions',
};

/** Reads `Prefer: return=representation; include="..."`, and `iris` of the address. */
export function readPreference(prefer: string | undefined, iris: unknown): Preference {
  const include = /\breturn\s*=\s*"?representation"?\s*;\s*include\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(
    prefer ?? '',
  );
  const named = new Set((include?.[1] ?? include?.[2] ?? '').split(/\s+/));
  const contents: Contents = iris === '1' ? 'iris' : 'descriptions';
  const plain: Preference = { contents, embeds: false, applied: false };
  if (named.has(wishes.minimal)) return { ...plain, applied: true };
  // Both at once contradict each other: then neither is followed.
  if (named.has(wishes.iris) === named.has(wishes.descriptions)) return plain;
  return { contents: named.has(wishes.iris) ? 'iris' : 'descriptions', embeds: true, applied: true };
}

export interface Collection {
  /** The container's IRI, with a slash at its end. */
  readonly iri: string;
  readonly label: string;
  readonly total: number;
  /** Milliseconds since 1970; null while there is nothing in it. */
  readonly modified: number | null;
}

const viewIri = ({ iri }: Collection, contents: Contents): string =>
  `${iri}?iris=${contents === 'iris' ? 1 : 0}`;
const pageIri = (collection: Collection, contents: Contents, page: number): string =>
  `${viewIri(collection, contents)}&page=${page}`;
const lastPage = ({ total }: Collection): number => Math.max(0, Math.ceil(total / itemsAPage) - 1);

export const hasPage = (collection: Collection, page: number): boolean =>
  Number.isInteger(page) && page >= 0 && page <= lastPage(collection);

const about = ({ total, modified }: Collection): JsonObject => ({
  total,
  ...(modified !== null && { modified: new Date(modified).toISOString() }),
});

/** Inside a page the context is said once. */
const inPage = (item: Json): Json => {
  if (typeof item !== 'object' || item === null || Array.isArray(item) || item['@context'] !== annoContext)
    return item;
  const { '@context': _, ...rest } = item;
  return rest;
};

function page(collection: Collection, contents: Contents, index: number, items: readonly Json[]): JsonObject {
  return {
    id: pageIri(collection, contents, index),
    type: 'AnnotationPage',
    startIndex: index * itemsAPage,
    ...(index > 0 && { prev: pageIri(collection, contents, index - 1) }),
    ...(index < lastPage(collection) && { next: pageIri(collection, contents, index + 1) }),
    items: items.map(inPage),
  };
}

/** A page by itself. `items` are those of this page. */
export const pageJson = (
  collection: Collection,
  contents: Contents,
  index: number,
  items: readonly Json[],
): JsonObject => ({
  '@context': annoContext,
  ...page(collection, contents, index, items),
  partOf: {
    id: viewIri(collection, contents),
    type: 'AnnotationCollection',
    label: collection.label,
    ...about(collection),
  },
});

/** The container. `first` holds the items of the first page where it is embedded. */
export function containerJson(
  collection: Collection,
  { contents, embeds }: Preference,
  asked: 'container' | 'view',
  first: readonly Json[],
): JsonObject {
  return {
    '@context': [annoContext, ldpContext],
    id: embeds || asked === 'view' ? viewIri(collection, contents) : collection.iri,
    type: ['BasicContainer', 'AnnotationCollection'],
    label: collection.label,
    ...about(collection),
    first: embeds ? page(collection, contents, 0, first) : pageIri(collection, contents, 0),
    last: pageIri(collection, contents, lastPage(collection)),
  };
}
