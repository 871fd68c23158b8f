/** A thread's comments as they are read: the author's words first, then replies in the order of time, nested. */

import type { CommentView, Thread } from '../session/types.js';

export interface Reply {
  readonly view: CommentView;
  readonly replies: readonly Reply[];
}

export interface ThreadOrder {
  /** The first comment of the annotation's own author; a highlight has none. */
  readonly body: CommentView | undefined;
  /** Removed ones are left out where nothing hangs on them, and are stubs elsewhere. */
  readonly replies: readonly Reply[];
  /** Of these, how many have words. */
  readonly count: number;
}

export function orderThread({ annotation, comments }: Thread): ThreadOrder {
  const body = comments.find(
    ({ comment }) => comment.author === annotation.author && comment.parent === undefined,
  );
  const children = new Map<string | undefined, CommentView[]>();
  const present = new Set(comments.map(({ id }) => id));
  for (const view of comments) {
    if (view === body) continue;
    const { parent } = view.comment;
    // What answers the first words, or something that is not here, stands at the first level.
    const under = parent === undefined || parent === body?.id || !present.has(parent) ? undefined : parent;
    const siblings = children.get(under);
    if (siblings) siblings.push(view);
    else children.set(under, [view]);
  }
  const seen = new Set<string>();
  const read = (under: string | undefined): Reply[] =>
    (children.get(under) ?? []).flatMap((view) => {
      if (seen.has(view.id)) return [];
      seen.add(view.id);
      const replies = read(view.id);
      return view.removed && replies.length === 0 ? [] : [{ view, replies }];
    });
  const replies = read(undefined);
  // Two that answer each other, written without knowing: nobody's words may go missing.
  for (const view of comments) {
    if (view === body || seen.has(view.id) || view.removed) continue;
    seen.add(view.id);
    replies.push({ view, replies: read(view.id) });
  }
  return { body, replies, count: countWords(replies) };
}

const countWords = (replies: readonly Reply[]): number =>
  replies.reduce((sum, { view, replies: under }) => sum + (view.removed ? 0 : 1) + countWords(under), 0);
