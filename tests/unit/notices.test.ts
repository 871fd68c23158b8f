import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { noticesOf } from '../../server/rooms/notices.js';
import { annotate, comment } from '../support/people.js';

const anna = '01900000-0000-7000-8000-00000000000a';
const ben = '01900000-0000-7000-8000-00000000000b';
const cleo = '01900000-0000-7000-8000-00000000000c';

const touch = (map: string, ...keys: string[]): Map<string, Set<string>> => new Map([[map, new Set(keys)]]);

describe('notices', () => {
  it('[NOTE1] a reply tells the author of the thread and the author of what it answers, once each', () => {
    const doc = new Y.Doc();
    const thread = annotate(doc, anna);
    const first = comment(doc, ben, thread, 'Why?');
    const reply = comment(doc, cleo, thread, 'Because.', { parent: first });
    expect(noticesOf(doc, touch('comments', reply))).toEqual([
      { to: ben, kind: 'reply', annotation: thread, by: cleo },
      { to: anna, kind: 'reply', annotation: thread, by: cleo },
    ]);
  });

  it('[NOTE2, S17] a mention goes before a reply, and nobody is told of his own words', () => {
    const doc = new Y.Doc();
    const thread = annotate(doc, anna);
    const words = comment(
      doc,
      anna,
      thread,
      `[@Ben](user:${ben}) and [@me](user:${anna}), again [@Ben](user:${ben})`,
    );
    expect(noticesOf(doc, touch('comments', words))).toEqual([
      { to: ben, kind: 'mention', annotation: thread, by: anna },
    ]);
  });

  it('[NOTE3] an edit of a comment tells nobody', () => {
    const doc = new Y.Doc();
    const thread = annotate(doc, anna);
    const words = comment(doc, ben, thread, 'Why?');
    const before = doc.getMap<object>('comments').get(words);
    doc.getMap('comments').set(words, { ...before, body: 'Why not?' });
    expect(noticesOf(doc, touch('comments', words))).toEqual([]);
  });

  it('[NOTE4] resolving tells the author of the thread unless it was himself', () => {
    const doc = new Y.Doc();
    const thread = annotate(doc, anna);
    const resolve = (by: string): unknown =>
      doc.getMap('status').set(thread, { state: 'resolved', by, at: 1 });
    resolve(anna);
    expect(noticesOf(doc, touch('status', thread))).toEqual([]);
    resolve(ben);
    expect(noticesOf(doc, touch('status', thread))).toEqual([
      { to: anna, kind: 'resolved', annotation: thread, by: ben },
    ]);
  });
});
