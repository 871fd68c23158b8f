/**
 * The nine maps of a layer room and the one of a self room: their types, limits and schemas. Each entry is one plain
 * JSON value, written in one `set`; nothing is nested in Yjs types. Times are milliseconds since 1970.
 */

import * as z from 'zod/mini';
import { decodePosition } from './position.js';
import { UUID } from './rooms.js';

export const layerMaps = [
  'annotations',
  'comments',
  'status',
  'decisions',
  'moved',
  'assigned',
  'hidden',
  'reactions',
  'removed',
] as const;
export type LayerMap = (typeof layerMaps)[number];

export const colors = ['amber', 'sky', 'moss', 'rose', 'iris', 'sand'] as const;
export type Color = (typeof colors)[number];

/** W3C Web Annotation Vocabulary, section 3: instances of oa:Motivation. */
export const motivations = [
  'assessing',
  'bookmarking',
  'classifying',
  'commenting',
  'describing',
  'editing',
  'highlighting',
  'identifying',
  'linking',
  'moderating',
  'questioning',
  'replying',
  'tagging',
] as const;
export type Motivation = (typeof motivations)[number];

export const limits = {
  /** UTF-16 code units. */
  body: 10_000,
  suggestion: 10_000,
  exact: 10_000,
  /** Each of prefix and suffix. */
  context: 200,
  tags: 20,
  tag: 50,
  /** Bytes of `jsonld` as JSON in UTF-8. */
  jsonld: 32 * 1024,
  jsonldDepth: 8,
  /** Bytes of one encoded relative position. */
  position: 64,
  reason: 1_000,
  /** Reactions of one person to one comment. */
  reactions: 20,
  /** How far ahead of the server's clock a time may lie: 24 hours. */
  ahead: 24 * 60 * 60 * 1000,
  /** Keys of a `self` room's map. */
  seen: 50_000,
} as const;

/** Where an annotation points: Yjs positions that follow edits, and the words as they stood when it was made. */
export interface Target {
  /** `Y.encodeRelativePosition`: an item's id, or the root `content`; association 0. */
  start: Uint8Array;
  /** The same, association -1. */
  end: Uint8Array;
  exact: string;
  prefix: string;
  suffix: string;
  /** UTF-16 code units into the content (Delta) when it was made. */
  from: number;
  to: number;
}

export interface Annotation {
  author: string;
  created: number;
  motivation: Motivation;
  /** null: a note on the whole document. */
  target: Target | null;
  color: Color;
  tags: string[];
  /** What the words of the target should become. */
  suggestion?: string;
  edited?: number;
  /** What the fields cannot express of a W3C annotation. */
  jsonld?: JsonObject;
}

export interface Comment {
  annotation: string;
  author: string;
  created: number;
  /** Markdown. */
  body: string;
  /** An earlier comment of the same annotation. */
  parent?: string;
  /** The words as they stood when this was written, where they had changed. */
  quote?: string;
  edited?: number;
  jsonld?: JsonObject;
}

export interface Status {
  state: 'open' | 'resolved';
  by: string;
  at: number;
}

export interface Decision {
  state: 'open' | 'accepted' | 'rejected';
  by: string;
  at: number;
}

export interface Moved {
  target: Target;
  by: string;
  at: number;
}

export interface Assigned {
  to: string | null;
  /** The day it is due, as a time. */
  due?: number;
  by: string;
  at: number;
}

export interface Hidden {
  state: 'hidden' | 'shown';
  reason?: string;
  by: string;
  at: number;
}

export interface Removed {
  by: string;
  at: number;
}

/** The value type of each map. A reaction's key is `<comment id> <emoji> <user id>`. */
export interface LayerEntries {
  annotations: Annotation;
  comments: Comment;
  status: Status;
  decisions: Decision;
  moved: Moved;
  assigned: Assigned;
  hidden: Hidden;
  reactions: true;
  removed: Removed;
}

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

const id = z.string().check(z.regex(UUID));
const offset = z.int().check(z.minimum(0));
const time = offset;
/** No U+0000: PostgreSQL stores none, and a row that it does not take would stop the whole room. */
const text = (length: number) =>
  z.string().check(
    z.maxLength(length),
    z.refine((value) => !value.includes('\0'), 'holds U+0000'),
  );

const position = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.length <= limits.position && decodePosition(value) !== null,
  'is no position in `content`',
);

const target = z
  .strictObject({
    start: position,
    end: position,
    exact: text(limits.exact),
    prefix: text(limits.context),
    suffix: text(limits.context),
    from: offset,
    to: offset,
  })
  .check(z.refine(({ from, to }) => from <= to, 'ends before it starts'));

/** Whether this is plain JSON, and arrays and objects lie in each other at most so many levels deep. */
function isJson(value: unknown, levels: number): value is Json {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'string') return !value.includes('\0');
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || levels === 0) return false;
  if (Array.isArray(value)) return value.every((item) => isJson(item, levels - 1));
  return (
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.entries(value).every(([key, item]) => isJson(key, 0) && isJson(item, levels - 1))
  );
}

const jsonld = z.custom<JsonObject>(
  (value) =>
    typeof value === 'object' &&
    !Array.isArray(value) &&
    value !== null &&
    isJson(value, limits.jsonldDepth) &&
    new TextEncoder().encode(JSON.stringify(value)).length <= limits.jsonld,
  'is no JSON object of at most 32 KiB and 8 levels',
);

/** The shape of each map's values: missing and unknown fields are faults. Who may write them is in `rules.ts`. */
export const schemas: { readonly [M in LayerMap]: z.ZodMiniType<LayerEntries[M]> } = {
  annotations: z.strictObject({
    author: id,
    created: time,
    motivation: z.enum(motivations),
    target: z.nullable(target),
    color: z.enum(colors),
    tags: z.array(text(limits.tag)).check(z.maxLength(limits.tags)),
    suggestion: z.exactOptional(text(limits.suggestion)),
    edited: z.exactOptional(time),
    jsonld: z.exactOptional(jsonld),
  }),
  comments: z.strictObject({
    annotation: id,
    author: id,
    created: time,
    body: text(limits.body),
    parent: z.exactOptional(id),
    quote: z.exactOptional(text(limits.exact)),
    edited: z.exactOptional(time),
    jsonld: z.exactOptional(jsonld),
  }),
  status: z.strictObject({ state: z.enum(['open', 'resolved']), by: id, at: time }),
  decisions: z.strictObject({ state: z.enum(['open', 'accepted', 'rejected']), by: id, at: time }),
  moved: z.strictObject({ target, by: id, at: time }),
  assigned: z.strictObject({ to: z.nullable(id), due: z.exactOptional(time), by: id, at: time }),
  hidden: z.strictObject({
    state: z.enum(['hidden', 'shown']),
    reason: z.exactOptional(text(limits.reason)),
    by: id,
    at: time,
  }),
  reactions: z.literal(true),
  removed: z.strictObject({ by: id, at: time }),
};

/** A value of a self room's map `seen`. */
export const seenSchema: z.ZodMiniType<number> = time;
