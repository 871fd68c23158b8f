/**
 * Words that were refused for good: drafts made of outbox entries, new writes made of drafts, and the list of them,
 * which is kept on this device.
 */

import type { Annotation, Comment } from '#core/entries.js';
import type { RefusalCode } from '#core/result.js';
import type { RoomName } from '#core/rooms.js';
import { v7 as uuid } from 'uuid';
import type * as Y from 'yjs';
import type { OutboxEntry, Write } from './ports.js';
import type { Draft } from './types.js';
import { Value } from './value.js';
import { asAnnotation, asComment, wordsOf } from './writes.js';

/** One draft an annotation with its first comment, one each other comment, one each change that holds no words. */
export function draftsOf(entry: OutboxEntry, code: RefusalCode, at: number): Draft[] {
  const drafts: Draft[] = [];
  const add = (words: Partial<Draft>): void => {
    // The id comes from the entry's, so that two tabs that keep the same words keep them once.
    drafts.push({ id: `${entry.id}.${drafts.length}`, room: entry.room, code, at, ...words });
  };
  const comments = entry.writes.flatMap((write) => {
    const comment = asComment(write);
    return comment ? [{ ...comment, id: write.key }] : [];
  });
  for (const write of entry.writes) {
    const annotation = asAnnotation(write);
    if (!annotation) continue;
    const index = comments.findIndex((comment) => comment.annotation === write.key);
    const [comment] = index < 0 ? [] : comments.splice(index, 1);
    add({ annotation: { ...annotation, id: write.key }, ...(comment && { comment }) });
  }
  for (const comment of comments) add({ comment });
  // Where the room is gone only words are worth keeping.
  if (code !== 'no-room')
    for (const write of entry.writes) if (!asAnnotation(write) && !asComment(write)) add({ other: write });
  if (entry.writes.length === 0) {
    const text = wordsOf(entry.update);
    if (text !== '') add({ text });
  }
  return drafts;
}

/**
 * What to write for these drafts of one room, in order. Ids are kept where they are free, so that replies find their
 * parents; what edits an entry of mine that stands, edits it again.
 */
export function writesOfDrafts(drafts: readonly Draft[], doc: Y.Doc, me: string, now: number): Write[] {
  const annotations = doc.getMap<Annotation>('annotations');
  const comments = doc.getMap<Comment>('comments');
  const writes: Write[] = [];
  /** The ids that new entries of this round have, by the ids that the drafts call them by. */
  const ids = new Map<string, string>();
  const nameFor = (id: string): string => {
    const name = annotations.has(id) || comments.has(id) ? uuid() : id;
    ids.set(id, name);
    return name;
  };
  const addAnnotation = (annotation: Annotation & { id: string }): void => {
    const { id, edited: _, ...words } = annotation;
    const standing = annotations.get(id);
    if (standing?.author === me) {
      const { author, created, target } = standing;
      writes.push({ map: 'annotations', key: id, value: { ...words, author, created, target, edited: now } });
    } else {
      writes.push({ map: 'annotations', key: nameFor(id), value: { ...words, author: me, created: now } });
    }
  };
  const addComment = (comment: Comment & { id: string }): void => {
    const { id, edited: _, parent, ...words } = comment;
    const standing = comments.get(id);
    if (standing?.author === me) {
      writes.push({ map: 'comments', key: id, value: { ...standing, body: words.body, edited: now } });
      return;
    }
    // What it was said about is gone: the words stay, as a note on the whole document.
    if (!ids.has(words.annotation) && !annotations.has(words.annotation))
      addAnnotation({ ...noteOnAll, id: words.annotation, author: me, created: now });
    const annotation = ids.get(words.annotation) ?? words.annotation;
    const above =
      parent === undefined ? undefined : (ids.get(parent) ?? (comments.has(parent) ? parent : undefined));
    const value = {
      ...words,
      annotation,
      author: me,
      created: now,
      ...(above !== undefined && { parent: above }),
    };
    writes.push({ map: 'comments', key: nameFor(id), value });
  };

  for (const { annotation, comment, other } of drafts) {
    if (annotation) addAnnotation(annotation);
    if (comment) addComment(comment);
    if (other) writes.push(other);
  }
  return writes;
}

const noteOnAll = { motivation: 'commenting', target: null, color: 'amber', tags: [] as string[] } as const;

/** The drafts that a draft's words lean on, and itself, in the order in which they must be written. */
export function withParents(draft: Draft, all: readonly Draft[]): Draft[] {
  const chosen: Draft[] = [];
  const seen = new Set<Draft>();
  const visit = (one: Draft): void => {
    if (seen.has(one)) return;
    seen.add(one);
    const { comment } = one;
    const leans = (other: Draft): boolean =>
      other !== one &&
      other.room === one.room &&
      comment !== undefined &&
      (other.annotation?.id === comment.annotation ||
        (comment.parent !== undefined && other.comment?.id === comment.parent));
    for (const other of all.filter(leans)) visit(other);
    chosen.push(one);
  };
  visit(draft);
  return chosen;
}

/** All drafts on this device, oldest first. */
export class DraftList {
  readonly all = new Value<readonly Draft[]>([]);

  in(room: RoomName): readonly Draft[] {
    return this.all.get().filter((draft) => draft.room === room);
  }

  add(drafts: readonly Draft[]): void {
    if (drafts.length > 0) this.all.set([...this.all.get(), ...drafts]);
  }

  remove(ids: ReadonlySet<string>): void {
    this.all.set(this.all.get().filter(({ id }) => !ids.has(id)));
  }
}
