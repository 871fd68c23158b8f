/**
 * Who should be told of what a batch did to a layer: those who are mentioned, replied to, or whose thread was
 * resolved. Read from the committed document; nobody is told of his own acts.
 */

import type { Annotation, Comment, Status } from '#core/entries.js';
import type * as Y from 'yjs';

export interface LayerNotice {
  readonly to: string;
  readonly kind: 'mention' | 'reply' | 'resolved';
  readonly annotation: string;
  readonly by: string;
}

/** A mention in a body's Markdown: `[@name](user:<id>)`. */
const mention = /\[@[^\]]*\]\(user:([0-9a-f-]{36})\)/g;

export function noticesOf(doc: Y.Doc, touched: ReadonlyMap<string, ReadonlySet<string>>): LayerNotice[] {
  const notices: LayerNotice[] = [];
  const annotations = doc.getMap<Annotation>('annotations');
  const comments = doc.getMap<Comment>('comments');
  for (const id of touched.get('comments') ?? []) {
    const comment = comments.get(id);
    if (!comment || !isNew(comments, id)) continue;
    const { annotation, author, body, parent } = comment;
    const told = new Set([author]);
    const tell = (to: string | undefined, kind: LayerNotice['kind']): void => {
      if (to === undefined || told.has(to)) return;
      told.add(to);
      notices.push({ to, kind, annotation, by: author });
    };
    for (const [, person] of body.matchAll(mention)) tell(person, 'mention');
    tell(parent === undefined ? undefined : comments.get(parent)?.author, 'reply');
    tell(annotations.get(annotation)?.author, 'reply');
  }
  for (const annotation of touched.get('status') ?? []) {
    const status = doc.getMap<Status>('status').get(annotation);
    const author = annotations.get(annotation)?.author;
    if (status?.state === 'resolved' && author !== undefined && author !== status.by)
      notices.push({ to: author, kind: 'resolved', annotation, by: status.by });
  }
  return notices;
}

/** An entry that was never written before has nothing to its left. */
const isNew = (map: Y.Map<Comment>, key: string): boolean => map._map.get(key)?.left === null;
