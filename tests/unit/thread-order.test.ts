import { describe, expect, test } from 'vitest';
import { orderThread, type Reply } from '../../client/margin/thread-order.js';
import type { CommentView, Thread } from '../../client/session/types.js';

const comment = (
  id: string,
  author: string,
  more: { parent?: string; removed?: true } = {},
): CommentView => ({
  id,
  comment: {
    annotation: 'a',
    author,
    created: 0,
    body: id,
    ...(more.parent === undefined ? undefined : { parent: more.parent }),
  },
  removed: more.removed ? { by: author, at: 0 } : undefined,
  hidden: false,
  reactions: new Map(),
  stored: true,
});

const thread = (comments: CommentView[]): Thread => ({
  id: 'a',
  annotation: {
    author: 'anna',
    created: 0,
    motivation: 'commenting',
    target: null,
    color: 'amber',
    tags: [],
  },
  target: null,
  status: { state: 'open', by: 'anna', at: 0 },
  assigned: undefined,
  removed: undefined,
  hidden: false,
  comments,
  stored: true,
});

type Tree = [string, ...Tree[]];
const tree = (replies: readonly Reply[]): Tree[] =>
  replies.map(({ view, replies: under }) => [view.id, ...tree(under)]);

describe('a thread', () => {
  test('[PAGE4] begins with its author’s first words; replies follow, nested', () => {
    const { body, replies, count } = orderThread(
      thread([
        comment('b', 'ben'),
        comment('a', 'anna'),
        comment('c', 'anna', { parent: 'b' }),
        comment('d', 'ben', { parent: 'a' }),
        comment('e', 'ben', { parent: 'c' }),
      ]),
    );
    expect(body?.id).toBe('a');
    expect(tree(replies)).toEqual([['b', ['c', ['e']]], ['d']]);
    expect(count).toBe(4);
  });

  test('[PAGE4] a highlight on which only others wrote has no words of its own', () => {
    const { body, replies } = orderThread(thread([comment('b', 'ben')]));
    expect(body).toBeUndefined();
    expect(tree(replies)).toEqual([['b']]);
  });

  test('[PAGE5] something removed is left out, but stays as a stub where replies hang on it', () => {
    const { replies, count } = orderThread(
      thread([
        comment('a', 'anna'),
        comment('b', 'ben', { removed: true }),
        comment('c', 'ben', { removed: true }),
        comment('d', 'anna', { parent: 'c' }),
      ]),
    );
    expect(tree(replies)).toEqual([['c', ['d']]]);
    expect(count).toBe(1);
  });

  test('[PAGE4, S8] an answer to something that is not here, or in a circle, is not lost', () => {
    const { replies, count } = orderThread(
      thread([
        comment('x', 'ben', { parent: 'gone' }),
        comment('y', 'ben', { parent: 'z' }),
        comment('z', 'ben', { parent: 'y' }),
      ]),
    );
    expect(tree(replies)).toEqual([['x'], ['y', ['z']]]);
    expect(count).toBe(3);
  });
});
