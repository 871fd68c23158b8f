/**
 * The bodies of a W3C annotation and the fields that hold them in a room: the first comment's text, tags, a suggested
 * replacement. What the fields cannot say is kept beside them, so that what was given is given back.
 */

import { equalityDeep } from 'lib0/function';
import { limits, type Json, type JsonObject, type Motivation } from './entries.js';

/** What an annotation's bodies say, as the room's fields have it. */
export interface BodyParts {
  /** The first comment, in Markdown; null: there is none. */
  readonly text: string | null;
  /** What the text alone does not say of its body: kept with the comment, so that it goes with it. */
  readonly textRest?: JsonObject | undefined;
  readonly tags: readonly string[];
  readonly suggestion?: string | undefined;
}

/** Which fields there are: a reply is a comment, which has no tags and no suggestion. */
export type BodyFields = 'annotation' | 'reply';

/** In a kept list of bodies: the body's words are in this field, not here. */
const fieldKey = '_field';

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const asList = (value: Json | undefined): Json[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
export const hasType = (value: JsonObject, type: string): boolean => asList(value['type']).includes(type);

type TextualBody = JsonObject & { value: string };

/** A body that is a text: `TextualBody`, or what has a value and does not say what it is. */
const isTextual = (body: Json): body is TextualBody =>
  isObject(body) &&
  typeof body['value'] === 'string' &&
  (body['type'] === undefined || hasType(body, 'TextualBody'));

const withoutKey = (value: JsonObject, key: string): JsonObject => {
  const { [key]: _, ...rest } = value;
  return rest;
};

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  nbsp: '\u00a0',
};

/** What a body says as plain text. HTML is only ever read, never shown as it came. */
function textOf(body: TextualBody): string {
  if (!asList(body['format']).includes('text/html')) return body.value;
  return body.value
    .replace(/<(?:br|\/p|\/div|\/li|\/h[1-6])\b[^>]*>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (_whole, name: string) => entities[name] ?? '')
    .trim();
}

function textBody(text: string, rest: JsonObject | undefined): JsonObject {
  if (!rest) return { type: 'TextualBody', value: text, format: 'text/markdown' };
  // The comment was edited since its HTML came: its words are Markdown now.
  if (isTextual(rest))
    return textOf(rest) === text ? rest : { ...rest, value: text, format: 'text/markdown' };
  return { ...rest, value: text };
}

function textRest(body: TextualBody): JsonObject | undefined {
  const text = textOf(body);
  if (equalityDeep(textBody(text, undefined), body)) return undefined;
  return text === body.value ? withoutKey(body, 'value') : body;
}

const tagBody = (tag: string): JsonObject => ({ type: 'TextualBody', purpose: 'tagging', value: tag });
const suggestionBody = (suggestion: string): JsonObject => ({
  type: 'TextualBody',
  purpose: 'editing',
  value: suggestion,
});

/** Reads `body` or `bodyValue` of a valid annotation. `kept` goes into its `jsonld.body`. */
export function readBodies(
  annotation: JsonObject,
  motivation: Motivation,
  fields: BodyFields,
): { readonly parts: BodyParts; readonly kept: Json | undefined } {
  if (typeof annotation['bodyValue'] === 'string')
    return {
      parts: { text: annotation['bodyValue'], textRest: { bodyValue: true }, tags: [] },
      kept: undefined,
    };

  let text: TextualBody | undefined;
  let suggestion: TextualBody | undefined;
  const tags: string[] = [];
  const kept = asList(annotation['body']).map((given): Json => {
    if (!isTextual(given)) return given;
    const body = withoutKey(given, fieldKey) as TextualBody;
    const purposes = asList(body['purpose'] ?? (fields === 'annotation' ? motivation : 'replying'));
    if (fields === 'annotation' && purposes.includes('tagging')) {
      if (!isTag(body.value) || tags.includes(body.value) || tags.length === limits.tags) return body;
      tags.push(body.value);
      return { ...body, [fieldKey]: 'tag' };
    }
    if (fields === 'annotation' && purposes.includes('editing') && !suggestion) {
      suggestion = body;
      return { ...withoutKey(body, 'value'), [fieldKey]: 'suggestion' };
    }
    if (text || textOf(body) === '') return body;
    text = body;
    return { [fieldKey]: 'text' };
  });

  const parts: BodyParts = {
    text: text ? textOf(text) : null,
    textRest: text && textRest(text),
    tags,
    suggestion: suggestion?.value,
  };
  if (equalityDeep(writeBodies(parts, undefined).body, annotation['body'])) return { parts, kept: undefined };
  return { parts, kept: Array.isArray(annotation['body']) ? kept : kept[0] };
}

const isTag = (value: string): boolean => value.trim() !== '' && value.length <= limits.tag;

/** The annotation's `body` or `bodyValue`, from what its fields say now. */
export function writeBodies(
  { text, textRest: rest, tags, suggestion }: BodyParts,
  kept: Json | undefined,
): { readonly body?: Json; readonly bodyValue?: string } {
  if (
    text !== null &&
    rest?.['bodyValue'] === true &&
    kept === undefined &&
    tags.length === 0 &&
    suggestion === undefined
  )
    return { bodyValue: text };
  const plainRest = rest?.['bodyValue'] === true ? undefined : rest;

  const missing = new Set<string>(tags);
  let textMissing = text !== null;
  let suggestionMissing = suggestion !== undefined;
  const bodies: Json[] = [];
  for (const item of asList(kept)) {
    const field = isObject(item) ? item[fieldKey] : undefined;
    if (!isObject(item) || field === undefined) bodies.push(item);
    else if (field === 'text' && text !== null) {
      textMissing = false;
      bodies.push(textBody(text, plainRest));
    } else if (field === 'suggestion' && suggestion !== undefined) {
      suggestionMissing = false;
      bodies.push({ ...withoutKey(item, fieldKey), value: suggestion });
    } else if (field === 'tag' && typeof item['value'] === 'string' && missing.delete(item['value'])) {
      bodies.push(withoutKey(item, fieldKey));
    }
  }
  if (textMissing && text !== null) bodies.unshift(textBody(text, plainRest));
  bodies.push(...[...missing].map(tagBody));
  if (suggestionMissing && suggestion !== undefined) bodies.push(suggestionBody(suggestion));

  const [only] = bodies;
  if (only === undefined) return {};
  return { body: bodies.length === 1 && !Array.isArray(kept) ? only : bodies };
}
