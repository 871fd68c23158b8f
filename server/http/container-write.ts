/** What a client of the container asks to be written, as entries of the room: the same that a reader's page writes. */

import { equalityDeep } from 'lib0/function';
import { v7 as uuid } from 'uuid';
import type { Annotation, Comment, Json, JsonObject, Target } from '#core/entries.js';
import { ok, type Result } from '#core/result.js';
import { commentJsonld, readParts, withVia, type ReadParts } from '#core/web-annotation.js';
import { keepTarget, readTarget, type ReadTarget } from '#core/web-target.js';
import { anchorWords } from '../documents/anchor-words.js';
import type { Entry } from '../rooms/door.js';
import type { Person } from '../rooms/ports.js';
import { findItem, spansOf, targetOf, type Container, type Item } from './container-view.js';
import { badInput, problem, type Reply } from './reply.js';
import type { HttpServices } from './services.js';

type Draft<T> = Result<T, Reply>;
const fault = (path: string, message: string): Draft<never> => ({
  ok: false,
  error: badInput([{ path, message }]),
});

interface Placed {
  readonly target: Target | null;
  /** For `jsonld.target`. */
  readonly kept: Json | undefined;
}

/** The target of a new annotation, or the new target of an old one. */
async function place(
  given: Json,
  target: ReadTarget,
  container: Container,
  { door }: HttpServices,
): Promise<Draft<Placed>> {
  if (target.kind !== 'words') return ok({ target: null, kept: keepTarget(given, null, null, container) });
  return door.read(container.contentRoom, (doc): Draft<Placed> => {
    const text = doc.getText('content');
    const anchored = anchorWords(text, target);
    if (!anchored.ok) return fault('target', anchored.error);
    const [span = null] = spansOf(text, [anchored.value]);
    return ok({ target: anchored.value, kept: keepTarget(given, anchored.value, span, container) });
  });
}

const withJsonld = <T extends { jsonld?: JsonObject }>(entry: T, jsonld: JsonObject | undefined): T => {
  const { jsonld: _, ...rest } = entry;
  const kept = jsonld && Object.keys(jsonld).length > 0 ? jsonld : undefined;
  return { ...(rest as T), ...(kept && { jsonld: kept }) };
};

const annotationJsonld = (parts: ReadParts, kept: Json | undefined): JsonObject =>
  kept === undefined ? parts.rest : { ...parts.rest, target: kept };

/** The fields of an annotation that its author may change. */
const fieldsOf = ({
  motivation,
  tags,
  suggestion,
}: ReadParts): Pick<Annotation, 'motivation' | 'tags' | 'suggestion'> => ({
  motivation,
  tags: [...tags],
  ...(suggestion !== undefined && { suggestion }),
});

const write = (map: Entry['map'], key: string, value: unknown): Entry => ({ map, key, value });

/** A new member of the container: its id, and the entries that make it. `given` is a valid annotation. */
export async function draftNew(
  given: JsonObject,
  person: Person,
  container: Container,
  services: HttpServices,
): Promise<Draft<{ id: string; entries: Entry[] }>> {
  const { target: givenTarget = null } = given;
  const target = readTarget(givenTarget, container);
  if (target.kind === 'entry') {
    const reply = await draftReply(given, target.name, person, container, services);
    if (reply) return reply;
  }
  const parts = readParts(given, 'annotation');
  const placed = await place(givenTarget, target, container, services);
  if (!placed.ok) return placed;

  const id = uuid();
  const created = services.clock.now();
  const rest = withVia(annotationJsonld(parts, placed.value.kept), given['id']);
  const annotation: Annotation = {
    author: person.id,
    created,
    target: placed.value.target,
    color: parts.motivation === 'questioning' ? 'sky' : 'amber',
    ...fieldsOf(parts),
  };
  const entries = [write('annotations', id, withJsonld(annotation, rest))];
  if (parts.text !== null) entries.push(newBody(id, person, created, parts.text, parts.textRest));
  return ok({ id, entries });
}

function newBody(
  annotation: string,
  person: Person,
  created: number,
  body: string,
  rest: JsonObject | undefined,
): Entry {
  const comment: Comment = { annotation, author: person.id, created, body };
  return write('comments', uuid(), withJsonld(comment, commentJsonld(rest)));
}

/** Null for what targets a thread and is no answer in words: a bookmark of it, say. That is an annotation of its own. */
async function draftReply(
  given: JsonObject,
  name: string,
  person: Person,
  container: Container,
  { door, names, clock }: HttpServices,
): Promise<Draft<{ id: string; entries: Entry[] }> | null> {
  const parts = readParts(given, 'reply');
  if (parts.text === null)
    return parts.motivation === 'replying' ? fault('body', 'a reply needs a text') : null;
  const to = await names.idOf(container.layer.id, name);
  const item = to === null ? null : await door.read(container.room, (doc) => findItem(doc, to));
  if (to === null || !item) return fault('target', 'there is no such annotation here');
  if (item.kind === 'removed') return fault('target', 'this annotation was removed');

  const id = uuid();
  const comment: Comment = {
    annotation: item.kind === 'reply' ? item.entry.annotation : to,
    author: person.id,
    created: clock.now(),
    body: parts.text,
    ...(item.kind === 'reply' && { parent: to }),
  };
  const about =
    typeof given['target'] === 'string' ? parts.rest : { ...parts.rest, target: given['target'] ?? null };
  const jsonld = commentJsonld(parts.textRest, withVia(about, given['id']));
  return ok({ id, entries: [write('comments', id, withJsonld(comment, jsonld))] });
}

/** Entries that make the member say what `given` says. `now` is how the member reads at present. */
export function draftReplacement(
  given: JsonObject,
  now: JsonObject,
  item: Item,
  person: Person,
  container: Container,
  services: HttpServices,
): Promise<Draft<Entry[]>> {
  const fixed = fixedFault(given, now);
  if (fixed) return Promise.resolve({ ok: false, error: fixed });
  return item.kind === 'reply'
    ? Promise.resolve(replaceReply(given, now, item, services))
    : replaceAnnotation(given, now, item, person, container, services);
}

/** Who made it, when, and its IRI are the server's to say. What is equal or absent is ignored. */
function fixedFault(given: JsonObject, now: JsonObject): Reply | null {
  const iri = (value: Json | undefined): Json | undefined =>
    typeof value === 'object' && value !== null && !Array.isArray(value) ? value['id'] : value;
  const moment = (value: Json | undefined): number => (typeof value === 'string' ? Date.parse(value) : NaN);
  const same = (key: string): boolean => {
    if (given[key] === undefined || equalityDeep(given[key], now[key])) return true;
    if (key === 'creator') return iri(given[key]) !== undefined && iri(given[key]) === iri(now[key]);
    return key === 'created' && moment(given[key]) === moment(now[key]);
  };
  const changed = ['id', 'creator', 'created'].find((key) => !same(key));
  return changed === undefined
    ? null
    : problem(409, 'fixed', `\`${changed}\` never changes.`, {
        errors: [{ path: changed, message: 'never changes' }],
      });
}

function replaceReply(
  given: JsonObject,
  now: JsonObject,
  item: Extract<Item, { kind: 'reply' }>,
  { clock }: HttpServices,
): Draft<Entry[]> {
  const parts = readParts(given, 'reply');
  if (parts.text === null) return fault('body', 'a reply needs a text');
  if (!equalityDeep(given['target'], now['target']))
    return { ok: false, error: problem(409, 'fixed', 'A reply stays where it was made.') };
  const before = item.entry.jsonld?.['annotation'];
  const keptTarget =
    typeof before === 'object' && before !== null && 'target' in before ? before['target'] : undefined;
  const about = keptTarget === undefined ? parts.rest : { ...parts.rest, target: keptTarget };
  const comment = { ...item.entry, body: parts.text, edited: clock.now() };
  return ok([write('comments', item.id, withJsonld(comment, commentJsonld(parts.textRest, about)))]);
}

async function replaceAnnotation(
  given: JsonObject,
  now: JsonObject,
  item: Extract<Item, { kind: 'annotation' }>,
  person: Person,
  container: Container,
  services: HttpServices,
): Promise<Draft<Entry[]>> {
  const at = services.clock.now();
  const parts = readParts(given, 'annotation');
  const { target: givenTarget = null } = given;
  const entries: Entry[] = [];

  let kept = item.entry.jsonld?.['target'];
  if (!equalityDeep(givenTarget, now['target'])) {
    const placed = await place(givenTarget, readTarget(givenTarget, container), container, services);
    if (!placed.ok) return placed;
    kept = placed.value.kept;
    const { target } = placed.value;
    const standing = targetOf(item);
    if (!target && standing)
      return {
        ok: false,
        error: problem(
          409,
          'fixed',
          'An annotation of words stays one: its target can be moved, not taken away.',
        ),
      };
    if (target && !(standing && equalityDeep([standing.start, standing.end], [target.start, target.end])))
      entries.push(write('moved', item.id, { target, by: person.id, at }));
  }

  const { suggestion: _, ...standing } = item.entry;
  const changed = { ...standing, ...fieldsOf(parts), edited: at };
  entries.unshift(write('annotations', item.id, withJsonld(changed, annotationJsonld(parts, kept))));

  const { body } = item;
  if (parts.text === null) {
    if (body) entries.push(write('removed', body.id, { by: person.id, at }));
  } else if (!body) entries.push(newBody(item.id, person, at, parts.text, parts.textRest));
  else {
    const rest = commentJsonld(parts.textRest);
    if (parts.text !== body.comment.body || !equalityDeep(rest, body.comment.jsonld))
      entries.push(
        write('comments', body.id, withJsonld({ ...body.comment, body: parts.text, edited: at }, rest)),
      );
  }
  return ok(entries);
}

/** Entries that remove the member, with its body. Its replies stay readable. */
export function draftRemoval(item: Item, person: Person, at: number): Entry[] {
  const ids = item.kind === 'annotation' && item.body ? [item.id, item.body.id] : [item.id];
  return ids.map((id) => write('removed', id, { by: person.id, at }));
}
