/**
 * A thread's annotation, or a reply in it, as a W3C Web Annotation (JSON-LD), and back. Pure: who asks, where words
 * stand and what the IRIs are is given. https://www.w3.org/TR/annotation-model/
 */

import {
  motivations,
  type Annotation,
  type Comment,
  type Json,
  type JsonObject,
  type Motivation,
  type Target,
} from './entries.js';
import { asList, isObject, readBodies, writeBodies, type BodyParts } from './web-bodies.js';
import { writeTarget, type Places, type Span } from './web-target.js';

export const annoContext = 'http://www.w3.org/ns/anno.jsonld';

/** What the server says of an annotation, whatever a client sends: never kept. */
const ours: ReadonlySet<string> = new Set([
  'id',
  'creator',
  'created',
  'modified',
  'body',
  'bodyValue',
  'target',
]);

/** What of a W3C annotation goes into an entry, but for its target. */
export interface ReadParts extends BodyParts {
  readonly motivation: Motivation;
  /** For the entry's `jsonld`: what its fields do not say, without the target. */
  readonly rest: JsonObject;
}

const namespace = 'http://www.w3.org/ns/oa#';
const known: ReadonlySet<string> = new Set(motivations);

const asMotivation = (value: Json): Motivation | undefined => {
  if (typeof value !== 'string') return undefined;
  const name = value.startsWith(namespace) ? value.slice(namespace.length) : value.replace(/^oa:/, '');
  return known.has(name) ? (name as Motivation) : undefined;
};

/** The first motivation that is the W3C's own; without one, what the annotation looks like. */
function readMotivation(annotation: JsonObject): Motivation {
  const named = asList(annotation['motivation'])
    .map(asMotivation)
    .find((motivation) => motivation !== undefined);
  return (
    named ??
    (annotation['body'] === undefined && annotation['bodyValue'] === undefined
      ? 'highlighting'
      : 'commenting')
  );
}

/** Reads all but the target of a valid annotation (`findFaults` says what is not). */
export function readParts(annotation: JsonObject, fields: 'annotation' | 'reply'): ReadParts {
  const motivation = readMotivation(annotation);
  const { parts, kept } = readBodies(annotation, motivation, fields);
  const rest: JsonObject = {};
  for (const [key, value] of Object.entries(annotation)) if (!ours.has(key)) rest[key] = value;
  if (rest['@context'] === annoContext) delete rest['@context'];
  if (rest['type'] === 'Annotation') delete rest['type'];
  const plain = fields === 'reply' ? 'replying' : motivation;
  if (rest['motivation'] === plain) delete rest['motivation'];
  else rest['motivation'] ??= null;
  if (kept !== undefined) rest['body'] = kept;
  return { ...parts, motivation, rest };
}

/** An IRI that the client gave a new annotation is remembered, as the Protocol asks: the annotation was there before. */
export const withVia = (rest: JsonObject, id: Json | undefined): JsonObject =>
  typeof id === 'string'
    ? { ...rest, via: rest['via'] === undefined ? id : [...asList(rest['via']), id] }
    : rest;

interface Creator {
  readonly iri: string;
  readonly name: string;
}

interface Written {
  readonly iri: string;
  readonly creator: Creator;
  readonly places: Places;
}

/** An annotation of a thread with its body, which is the first comment of the same author. */
export interface WrittenAnnotation extends Written {
  readonly annotation: Annotation;
  readonly comment: Comment | undefined;
  /** Attached anew: then this is its target. */
  readonly moved: { readonly target: Target; readonly at: number } | undefined;
  /** Where its words stand now; null while they are lost, or when it is a note on the whole document. */
  readonly span: Span | null;
}

const time = (at: number): string => new Date(at).toISOString();

function frame(
  { iri, creator }: Written,
  created: number,
  modified: number,
  kept: JsonObject,
  plain: Motivation,
): JsonObject {
  const { '@context': context, type, motivation, body: _body, target: _target, ...rest } = kept;
  const names = motivation === undefined ? plain : keptMotivation(motivation, plain);
  return {
    '@context': context ?? annoContext,
    id: iri,
    type: type ?? 'Annotation',
    ...(names !== null && { motivation: names }),
    creator: { id: creator.iri, type: 'Person', name: creator.name },
    created: time(created),
    ...(modified > created && { modified: time(modified) }),
    ...rest,
  };
}

/** As it was given, unless the entry's motivation was changed since. null: none was given. */
function keptMotivation(kept: Json, now: Motivation): Json {
  if (kept === null) return now === 'commenting' || now === 'highlighting' || now === 'replying' ? null : now;
  const named = asList(kept)
    .map(asMotivation)
    .find((motivation) => motivation !== undefined);
  return named === undefined || named === now || now === 'replying' ? kept : now;
}

export function toWebAnnotation(written: WrittenAnnotation): JsonObject {
  const { annotation, comment, moved, span, places } = written;
  const kept = annotation.jsonld ?? {};
  const modified = Math.max(
    annotation.edited ?? 0,
    comment?.edited ?? 0,
    comment?.created ?? 0,
    moved?.at ?? 0,
  );
  const target = moved?.target ?? annotation.target;
  const bodies = writeBodies(
    {
      text: comment?.body ?? null,
      textRest: bodyRest(comment),
      tags: annotation.tags,
      suggestion: annotation.suggestion,
    },
    kept['body'],
  );
  return {
    ...frame(written, annotation.created, modified, kept, annotation.motivation),
    ...bodies,
    target: writeTarget(target, span, kept['target'], places, moved !== undefined),
  };
}

/** A comment that answers the annotation, or another comment of it, by the IRI `to`. */
export interface WrittenReply extends Written {
  readonly comment: Comment;
  readonly to: string;
}

export function toWebReply(written: WrittenReply): JsonObject {
  const { comment, to } = written;
  const about = comment.jsonld?.['annotation'];
  const kept = isObject(about) ? about : {};
  const bodies = writeBodies({ text: comment.body, textRest: bodyRest(comment), tags: [] }, kept['body']);
  return {
    ...frame(written, comment.created, comment.edited ?? 0, kept, 'replying'),
    ...bodies,
    target: kept['target'] ?? to,
  };
}

function bodyRest(comment: Comment | undefined): JsonObject | undefined {
  const rest = comment?.jsonld?.['body'];
  return isObject(rest) ? rest : undefined;
}

/** A comment's `jsonld`: what its body says besides its text and, for a reply, what the annotation says besides it. */
export function commentJsonld(
  textRest: JsonObject | undefined,
  annotation?: JsonObject,
): JsonObject | undefined {
  const about = annotation && Object.keys(annotation).length > 0 ? annotation : undefined;
  if (!textRest && !about) return undefined;
  return { ...(textRest && { body: textRest }), ...(about && { annotation: about }) };
}
