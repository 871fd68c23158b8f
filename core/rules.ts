/**
 * Who may write which entry: one table for the nine maps of a layer room, and one for the map of a self room. The
 * page asks the same table before it offers a button.
 *
 * A verdict leans only on what never changes (an entry's author, an id in a key) and on the person's rights now. So
 * what was right when somebody did it offline is still right when it arrives, whatever others did meanwhile.
 */

import { equalityDeep } from 'lib0/function';
import type * as z from 'zod/mini';
import { limits, schemas, seenSchema, type LayerEntries, type LayerMap } from './entries.js';
import type { Refusal, RefusalCode } from './result.js';
import type { Rights } from './roles.js';
import { UUID } from './rooms.js';

/** Who writes, as the server knows them. */
export interface Writer {
  /** User id. */
  readonly id: string;
  readonly rights: Rights;
  /** The server's clock, in milliseconds since 1970. */
  readonly now: number;
}

/** What a rule sees of a room: its entries, and those that what is being judged makes. */
export interface View {
  get<M extends LayerMap>(map: M, key: string): LayerEntries[M] | undefined;
  /** How many reactions the person has on the comment. */
  reactions(comment: string, person: string): number;
  /** How many keys the map has. */
  size(map: string): number;
}

/** One map's rule. Each question is answered by null (yes) or by why not. */
export interface Rule<V = unknown> {
  /** Whether keys may be taken out. */
  readonly removable?: true;
  readonly schema: z.ZodMiniType<V>;
  /** Whether the person may write this key at all, or take it out. */
  may(key: string, writer: Writer, view: View): Refusal | null;
  /** Whether the person may write this value, which fits the schema. */
  holds(value: V, writer: Writer, view: View, key: string): Refusal | null;
  /**
   * Whether there is room for this key, which the view has. Asked before a person is offered to write it; what copies
   * made without knowing of each other is taken, and what is too many taken out again.
   */
  fits?(key: string, writer: Writer, view: View): Refusal | null;
}

/** The rules of a room, by the names of its maps. */
export type Rules = Readonly<Record<string, Rule>>;

const no = (code: RefusalCode, message: string): Refusal => ({ code, message });
const missing = (what: string): Refusal => no('behind', `no such ${what} here yet`);

const mayComment = ({ rights }: Writer) => (rights.comment ? null : no('role', 'your role only reads'));
const mayDecide = ({ rights }: Writer) => (rights.decide ? null : no('role', 'editors decide'));
const mayModerate = ({ rights }: Writer) => (rights.moderate ? null : no('role', 'moderators hide and show'));

const isId = (key: string) => (UUID.test(key) ? null : no('shape', 'no UUID'));

/** One id names an annotation or a comment, never both: who makes the other could speak for the first. */
const isNone = (map: 'annotations' | 'comments', key: string, view: View) =>
  view.get(map, key) ? no('reference', `the id is one of ${map}`) : null;

const isNotAnothers = (entry: { author: string } | undefined, writer: Writer) =>
  entry && entry.author !== writer.id ? no('owner', 'the words of another') : null;

const inOwnName = (name: string, writer: Writer) =>
  name === writer.id ? null : no('author', 'in the name of another');

/** `before` is the entry as it stands, or as this very update first made it. */
function asBefore<V>(value: V, before: V | undefined, fixed: readonly (keyof V)[]): Refusal | null {
  const changed = before && fixed.find((field) => !equalityDeep(value[field], before[field]));
  return changed === undefined ? null : no('fixed', `\`${String(changed)}\` never changes`);
}

const inTime = (writer: Writer, ...times: readonly (number | undefined)[]) =>
  times.some((time) => time !== undefined && time > writer.now + limits.ahead)
    ? no('shape', 'a time more than 24 hours ahead')
    : null;

/** Marks about an entry (status, decision and the like) are signed and dated. */
const isSigned = (mark: { by: string; at: number }, writer: Writer) =>
  inOwnName(mark.by, writer) ?? inTime(writer, mark.at);

const isAnnotation = (id: string, view: View) =>
  view.get('annotations', id) ? null : (isId(id) ?? isNone('comments', id, view) ?? missing('annotation'));

const isComment = (id: string, view: View) =>
  view.get('comments', id) ? null : (isId(id) ?? isNone('annotations', id, view) ?? missing('comment'));

const entryOf = (id: string, view: View) => view.get('annotations', id) ?? view.get('comments', id);

const isEntry = (id: string, view: View) =>
  entryOf(id, view) ? null : (isId(id) ?? missing('annotation or comment'));

/** Known, or made by the same update; a circle within one update is found by the judge. */
function isParent(parent: string | undefined, key: string, annotation: string, view: View): Refusal | null {
  if (parent === undefined) return null;
  if (parent === key) return no('reference', 'a comment is no reply to itself');
  const other = view.get('comments', parent)?.annotation ?? annotation;
  return other === annotation ? isComment(parent, view) : no('reference', 'a reply to another annotation');
}

// A literal with the v flag needs a newer target than ours; every runtime that we support knows it.
const oneEmoji = new RegExp('^\\p{RGI_Emoji}$', 'v');

/** Reads a reaction's key, `<comment id> <emoji> <user id>`; null for anything else. */
export function parseReaction(key: string): { comment: string; emoji: string; person: string } | null {
  const [comment = '', emoji = '', person = '', ...rest] = key.split(' ');
  const whole = rest.length === 0 && UUID.test(comment) && oneEmoji.test(emoji) && UUID.test(person);
  return whole ? { comment, emoji, person } : null;
}

function isOwnReaction(key: string, writer: Writer, view: View): Refusal | null {
  const reaction = parseReaction(key);
  if (!reaction) return no('shape', 'the key is not `<comment id> <emoji> <user id>`');
  if (reaction.person !== writer.id) return no('owner', 'the reaction of another');
  return isComment(reaction.comment, view);
}

const notTooMany = (key: string, writer: Writer, view: View) =>
  view.reactions(parseReaction(key)?.comment ?? '', writer.id) > limits.reactions
    ? no('limit', `more than ${limits.reactions} reactions to one comment`)
    : null;

export const layerRules: { readonly [M in LayerMap]: Rule<LayerEntries[M]> } = {
  annotations: {
    schema: schemas.annotations,
    may: (key, by, view) =>
      mayComment(by) ??
      isId(key) ??
      isNone('comments', key, view) ??
      isNotAnothers(view.get('annotations', key), by),
    holds: (value, by, view, key) =>
      inOwnName(value.author, by) ??
      asBefore(value, view.get('annotations', key), ['created', 'target']) ??
      inTime(by, value.created, value.edited),
  },
  comments: {
    schema: schemas.comments,
    may: (key, by, view) =>
      mayComment(by) ??
      isId(key) ??
      isNone('annotations', key, view) ??
      isNotAnothers(view.get('comments', key), by),
    holds: (value, by, view, key) =>
      inOwnName(value.author, by) ??
      asBefore(value, view.get('comments', key), ['annotation', 'created', 'parent', 'quote']) ??
      inTime(by, value.created, value.edited) ??
      isParent(value.parent, key, value.annotation, view) ??
      isAnnotation(value.annotation, view),
  },
  status: {
    schema: schemas.status,
    may: (key, by, view) => mayComment(by) ?? isAnnotation(key, view),
    holds: isSigned,
  },
  // Whether it still holds a suggestion is not asked: its author may have taken that back, or the server blanked it.
  decisions: {
    schema: schemas.decisions,
    may: (key, by, view) => mayDecide(by) ?? isAnnotation(key, view),
    holds: isSigned,
  },
  moved: {
    schema: schemas.moved,
    may: (key, by, view) =>
      mayComment(by) ??
      isAnnotation(key, view) ??
      (by.rights.moderate || by.rights.decide ? null : isNotAnothers(view.get('annotations', key), by)),
    holds: isSigned,
  },
  assigned: {
    schema: schemas.assigned,
    may: (key, by, view) => mayComment(by) ?? isAnnotation(key, view),
    holds: isSigned,
  },
  hidden: {
    schema: schemas.hidden,
    may: (key, by, view) => mayModerate(by) ?? isEntry(key, view),
    holds: isSigned,
  },
  reactions: {
    removable: true,
    schema: schemas.reactions,
    may: (key, by, view) => mayComment(by) ?? isOwnReaction(key, by, view),
    holds: () => null,
    fits: notTooMany,
  },
  removed: {
    schema: schemas.removed,
    may: (key, by, view) =>
      mayComment(by) ??
      isEntry(key, view) ??
      (by.rights.moderate ? null : isNotAnothers(entryOf(key, view), by)),
    holds: isSigned,
  },
};

/** The one map of a self room: annotation or layer id -> time. */
export const selfRules = (owner: string): Rules => ({
  seen: {
    schema: seenSchema,
    may: (key, by) =>
      mayComment(by) ?? isId(key) ?? (by.id === owner ? null : no('role', "another's own room")),
    holds: (time, by, view) =>
      inTime(by, time as number) ??
      (view.size('seen') > limits.seen ? no('limit', `more than ${limits.seen} seen marks`) : null),
  } satisfies Rule,
});

/** Whether the value fits the map's schema. */
export function checkShape(map: string, rule: Rule, value: unknown): Refusal | null {
  const fault = rule.schema.safeParse(value).error?.issues[0];
  return fault ? no('shape', `${[map, ...fault.path].join('.')}: ${fault.message} (${fault.code})`) : null;
}

/** Whether the person may write this well-shaped value. What lasts is said before `behind`, which may pass. */
export function checkWrite(
  rule: Rule,
  key: string,
  value: unknown,
  writer: Writer,
  view: View,
): Refusal | null {
  const refusal = rule.holds(value, writer, view, key);
  return refusal && refusal.code !== 'behind' ? refusal : (rule.may(key, writer, view) ?? refusal);
}

/** Whether there is room for one more: asked only where the person can still be told. */
export const checkNumber = (rule: Rule, key: string, writer: Writer, view: View): Refusal | null =>
  rule.fits?.(key, writer, view) ?? null;
