/**
 * Takes the words out of what is marked as removed. It runs in the transaction that applies the mark, or a late edit
 * of what was marked before, so that the words reach neither the log nor anybody's copy.
 */

import type { Annotation, Comment } from '#core/entries.js';
import type { Amend } from '#core/gate.js';

/**
 * For layer rooms. Blanks `body`, `suggestion`, `tags` and `jsonld` of the touched entries that are removed; never who
 * and when, the target, the quote or what they answer, which are fixed. Writes nothing where nothing is left to blank.
 */
export const blank: Amend = (doc, touched) => {
  const ids = new Set(['removed', 'annotations', 'comments'].flatMap((map) => [...(touched.get(map) ?? [])]));
  if (ids.size === 0) return;
  const removed = doc.getMap('removed');
  const annotations = doc.getMap<Annotation>('annotations');
  const comments = doc.getMap<Comment>('comments');
  for (const id of ids) {
    if (!removed.has(id)) continue;
    const annotation = annotations.get(id);
    if (annotation && annotationHasWords(annotation)) annotations.set(id, blankAnnotation(annotation));
    const comment = comments.get(id);
    if (comment && commentHasWords(comment)) comments.set(id, blankComment(comment));
  }
};

export const annotationHasWords = ({ suggestion, tags, jsonld }: Annotation): boolean =>
  suggestion !== undefined || tags.length > 0 || jsonld !== undefined;

export const commentHasWords = ({ body, jsonld }: Comment): boolean => body !== '' || jsonld !== undefined;

/** An annotation as it stands once it is removed. */
export const blankAnnotation = ({
  suggestion: _suggestion,
  jsonld: _jsonld,
  ...rest
}: Annotation): Annotation => ({
  ...rest,
  tags: [],
});

/** A comment as it stands once it is removed. */
export const blankComment = ({ jsonld: _jsonld, ...rest }: Comment): Comment => ({ ...rest, body: '' });
