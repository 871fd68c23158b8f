/** The reading's list of places and its blocks, over real Y.Docs and a layer made by hand. */

import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { captureTarget } from '#core/anchor.js';
import { toBlocks } from '#core/delta.js';
import type { Target } from '#core/entries.js';
import { BlockLister } from '../../client/reading/by-block.js';
import { listMarkers } from '../../client/reading/list-markers.js';
import { Places, type Arrival, type OpenLayer } from '../../client/reading/places.js';
import { keepKeys, TextSource } from '../../client/reading/text-source.js';
import type { Layer, RoomCopy, Thread } from '../../client/session/types.js';
import { Value } from '../../client/session/value.js';

const words = 'The first paragraph.\nThe second one.\nThe third.\n';

/** A content room's copy as far as a text is read from it. */
function contentOf(text: string) {
  const fresh = (said: string) => {
    const doc = new Y.Doc();
    doc.getText('content').insert(0, said);
    return doc;
  };
  const doc = new Value(fresh(text));
  return {
    copy: { doc } as unknown as RoomCopy,
    text: () => doc.get().getText('content'),
    replace: (said: string) => doc.set(fresh(said)),
  };
}

function layerOf() {
  const ids = new Value<readonly string[]>([]);
  const threads = new Map<string, Value<Thread | undefined>>();
  const store = (id: string) => {
    const known = threads.get(id) ?? new Value<Thread | undefined>(undefined);
    threads.set(id, known);
    return known;
  };
  const put = (id: string, target: Target | null, author = 'ben', comments: Thread['comments'] = []) => {
    store(id).set({
      id,
      annotation: { author, created: 1, motivation: 'commenting', target, color: 'amber', tags: [] },
      target,
      status: { state: 'open', by: author, at: 1 },
      assigned: undefined,
      removed: undefined,
      hidden: false,
      comments,
      stored: true,
    });
    if (!ids.get().includes(id)) ids.set([...ids.get(), id]);
  };
  const layer: OpenLayer = {
    id: 'shared',
    kind: 'shared',
    layer: { ids, thread: store } as unknown as Layer,
  };
  return { layer, put, forget: (id: string) => ids.set(ids.get().filter((other) => other !== id)) };
}

const comment = (id: string, author: string): Thread['comments'][number] => ({
  id,
  comment: { annotation: 'a', author, created: 1, body: id },
  removed: undefined,
  hidden: false,
  reactions: new Map(),
  stored: true,
});

function setUp() {
  const content = contentOf(words);
  const source = new TextSource(content.copy);
  const { layer, put, forget } = layerOf();
  const target = (said: string) => {
    const from = content.text().toString().indexOf(said);
    return captureTarget(content.text(), from, from + said.length);
  };
  const places = new Places(source, [layer], 'anna');
  const listed = async () => {
    await Promise.resolve();
    return places.all.get().map(({ id, from, to, state }) => [id, from, to, state]);
  };
  return { content, source, places, put, forget, target, listed };
}

describe('places', () => {
  test('[PAGE15] come in the order of the text, the shorter first, notes on the whole before all', async () => {
    const { put, target, listed } = setUp();
    put('late', target('third'));
    put('long', target('first paragraph'));
    put('short', target('first'));
    put('whole', null);
    expect(await listed()).toEqual([
      ['whole', -1, -1, 'whole'],
      ['short', 4, 9, 'exact'],
      ['long', 4, 19, 'exact'],
      ['late', 41, 46, 'exact'],
    ]);
  });

  test('[PAGE15] follow edits of the text, and keep their identity where nothing about them changed', async () => {
    const { content, places, put, target, listed } = setUp();
    put('a', target('first'));
    put('b', target('second'));
    put('c', target('third'));
    await listed();
    const [first] = places.all.get();
    content.text().insert(25, 'very ');
    content.text().delete(content.text().toString().indexOf('third'), 5);
    expect(await listed()).toEqual([
      ['a', 4, 9, 'exact'],
      ['b', 30, 36, 'moved'],
      ['c', 46, 46, 'lost'],
    ]);
    expect(places.all.get()[0]).toBe(first);
  });

  test('[PAGE15] a replaced text and a thread that moved are found anew', async () => {
    const { content, put, target, listed } = setUp();
    put('a', target('first'));
    await listed();
    put('a', target('third'));
    expect(await listed()).toEqual([['a', 41, 46, 'exact']]);
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(content.text().doc!));
    content.replace('nothing of it');
    expect((await listed()).map(([, , , state]) => state)).toEqual(['lost']);
  });

  test('[PAGE15] what a copy no longer holds is no longer listed', async () => {
    const { put, forget, target, listed } = setUp();
    put('a', target('first'));
    put('b', target('second'));
    forget('a');
    expect((await listed()).map(([id]) => id)).toEqual(['b']);
  });

  test('[PAGE16] others’ work is reported once, mine never', async () => {
    const { places, put, target, listed } = setUp();
    const came: Arrival[] = [];
    places.onArrival((arrival) => came.push(arrival));
    put('a', target('first'), 'ben', [comment('1', 'ben')]);
    put('b', target('second'), 'anna', [comment('2', 'anna')]);
    put('b', target('second'), 'anna', [comment('2', 'anna'), comment('3', 'ben'), comment('4', 'anna')]);
    put('b', target('second'), 'anna', [comment('2', 'anna'), comment('3', 'ben'), comment('4', 'anna')]);
    await listed();
    expect(came.map(({ key, kind }) => [key, kind])).toEqual([
      ['shared/a', 'annotation'],
      ['shared/b', 'comment'],
    ]);
  });
});

describe('blocks', () => {
  const keyed = (said: string) => keepKeys([], toBlocks([{ insert: said }]));

  test('[PAGE17] keep their keys when another comes, goes or changes', () => {
    const before = keyed('one\ntwo\nthree\n');
    const keys = before.map(({ key }) => key);
    const after = (said: string) => keepKeys(before, toBlocks([{ insert: said }])).map(({ key }) => key);
    expect(after('one\ntwo\nthree\n')).toEqual(keys);
    expect(after('one\nTWO\nthree\n')).toEqual(keys);
    expect(after('two\nthree\n')).toEqual([keys[1], keys[2]]);
    const [zero, ...rest] = after('zero\none\ntwo\nthree\n');
    expect(rest).toEqual(keys);
    expect(keys).not.toContain(zero);
  });

  test('[PAGE17] no two have one key', () => {
    const before = keyed('same\nsame\nsame\n');
    const after = keepKeys(before, toBlocks([{ insert: 'same\nsame\nsame\nsame\nother\nsame\n' }]));
    expect(new Set(after.map(({ key }) => key)).size).toBe(6);
  });

  test('[PAGE18] list what stands in them, the same list while it is the same', async () => {
    const { source, places, put, target, listed } = setUp();
    put('a', target('first'));
    put('over', target('paragraph.\nThe second'));
    put('whole', null);
    await listed();
    const lister = new BlockLister();
    const ids = () => lists().map((list) => list.map(({ id }) => id));
    const lists = () => lister.list(source.state.get().blocks, places.all.get());
    expect(ids()).toEqual([['a', 'over'], ['over'], []]);
    const [, second] = lists();
    put('b', target('first paragraph'));
    await listed();
    expect(ids()).toEqual([['a', 'b', 'over'], ['over'], []]);
    expect(lists()[1]).toBe(second);
  });

  test('numbers of a list run on over deeper items and begin anew after other text', () => {
    const item = (list: string, indent?: number) => [
      { insert: 'x' },
      { insert: '\n', attributes: indent ? { list, indent } : { list } },
    ];
    const delta = [
      ...item('ordered'),
      ...item('ordered', 1),
      ...item('bullet', 1),
      ...item('ordered'),
      { insert: 'text\n' },
      ...item('ordered'),
      ...item('checked'),
    ];
    expect(listMarkers(toBlocks(delta))).toEqual(['1.', '1.', '•', '2.', '', '1.', '☑']);
  });
});
