import { describe, expect, it } from 'vitest';
import type { Annotation, Comment, Target } from '#core/entries.js';
import { rightsOf } from '#core/roles.js';
import { FakeServer } from '../support/fake-server.js';
import { layerRoom, Reader } from '../support/reading.js';

const server = (): FakeServer => new FakeServer();
const entry = (from: FakeServer, map: string, key: string): unknown =>
  from.room(layerRoom).doc.getMap(map).get(key);

describe('writing', () => {
  it('[LAYER1] an annotation with words is one update with two entries, as the contract has them', async () => {
    const room = server();
    const anna = await Reader.online(room);
    const id = anna.layer.annotate({
      target: null,
      motivation: 'questioning',
      color: 'sky',
      tags: ['why'],
      suggestion: 'because',
      body: 'Why?',
    });
    await room.settle();
    expect(room.taken).toHaveLength(1);
    expect(entry(room, 'annotations', id ?? '')).toEqual({
      author: anna.id,
      created: room.now,
      motivation: 'questioning',
      target: null,
      color: 'sky',
      tags: ['why'],
      suggestion: 'because',
    } satisfies Annotation);
    const [comment] = room.room(layerRoom).doc.getMap('comments').values();
    expect(comment).toEqual({
      annotation: id ?? '',
      author: anna.id,
      created: room.now,
      body: 'Why?',
    } satisfies Comment);
  });

  it('[LAYER1] each other action writes its one entry', async () => {
    const room = server();
    const anna = await Reader.online(room);
    const id = anna.notes('one');
    const reply = anna.layer.comment({ annotation: id, body: 'two', quote: 'words' }) ?? '';
    const under = anna.layer.comment({ annotation: id, body: 'three', parent: reply }) ?? '';
    anna.layer.editComment(reply, 'two, better');
    anna.layer.editAnnotation(id, { tags: ['a'] });
    anna.layer.setStatus(id, 'resolved');
    anna.layer.react(reply, '👍', true);
    anna.layer.react(under, '👍', true);
    anna.layer.react(under, '👍', false);
    anna.layer.remove(under);
    await room.settle();
    const signed = { by: anna.id, at: room.now };
    expect(entry(room, 'comments', reply)).toEqual({
      annotation: id,
      author: anna.id,
      created: room.now,
      body: 'two, better',
      quote: 'words',
      edited: room.now,
    });
    expect(entry(room, 'comments', under)).toMatchObject({ parent: reply });
    expect(entry(room, 'annotations', id)).toMatchObject({ tags: ['a'], edited: room.now, color: 'amber' });
    expect(entry(room, 'status', id)).toEqual({ state: 'resolved', ...signed });
    expect(entry(room, 'removed', under)).toEqual(signed);
    expect(room.room(layerRoom).doc.getMap('reactions').toJSON()).toEqual({
      [`${reply} 👍 ${anna.id}`]: true,
    });
  });

  it('[LAYER2] what the server would refuse is not written at all', async () => {
    const room = server();
    const anna = await Reader.online(room);
    const id = anna.notes('of Anna');
    const comment = anna.layer.thread(id).get()?.comments[0]?.id ?? '';
    await room.settle();
    room.rights = () => rightsOf('reader');
    const ben = await Reader.online(room, 'ben');
    const taken = room.taken.length;
    const target: Target = {
      start: new Uint8Array(),
      end: new Uint8Array(),
      exact: '',
      prefix: '',
      suffix: '',
      from: 0,
      to: 0,
    };
    expect(ben.layer.editComment(comment, 'in her name')).toBe(false);
    expect(ben.layer.editAnnotation(id, { color: 'rose' })).toBe(false);
    expect(ben.layer.remove(id)).toBe(false);
    expect(ben.layer.move(id, target)).toBe(false);
    expect(ben.layer.comment({ annotation: id, body: 'x'.repeat(10_001) })).toBeNull();
    expect(ben.layer.comment({ annotation: '01900000-0000-7000-8000-0000000000ff', body: 'x' })).toBeNull();
    expect(ben.layer.react(comment, 'not an emoji', true)).toBe(false);
    expect(ben.layer.annotate({ target, motivation: 'commenting', color: 'amber' })).toBeNull();
    await room.settle();
    expect(room.taken).toHaveLength(taken);
    expect(ben.copy.delivery.get().state).toBe('stored');
    expect(ben.layer.comment({ annotation: id, body: 'in my own' })).not.toBeNull();
  });
});

describe('reading', () => {
  it('[LAYER3] a remote reply tells one thread and nothing else', async () => {
    const room = server();
    const anna = await Reader.online(room);
    const ben = await Reader.online(room, 'ben');
    const ids = ['one', 'two', 'three'].map((body) => ben.notes(body));
    await room.settle();
    const heard: string[] = [];
    anna.layer.ids.subscribe(() => heard.push('ids'));
    for (const id of ids) anna.layer.thread(id).subscribe(() => heard.push(id));
    const before = ids.map((id) => anna.layer.thread(id).get());
    ben.replies(ids[1] ?? '', 'a reply');
    await room.settle();
    expect(heard).toEqual([ids[1]]);
    expect(ids.map((id, i) => anna.layer.thread(id).get() === before[i])).toEqual([true, false, true]);
    expect(anna.layer.thread(ids[1] ?? '').get()?.comments[0]).toBe(before[1]?.comments[0]);
  });

  it('[LAYER3] a new annotation tells the ids and no other thread', async () => {
    const room = server();
    const anna = await Reader.online(room);
    const ben = await Reader.online(room, 'ben');
    const first = ben.notes('one');
    await room.settle();
    const heard: string[] = [];
    anna.layer.ids.subscribe(() => heard.push('ids'));
    anna.layer.thread(first).subscribe(() => heard.push('first'));
    ben.notes('two');
    await room.settle();
    expect(heard).toEqual(['ids']);
    ben.layer.editAnnotation(first, { color: 'moss' });
    await room.settle();
    expect(heard).toEqual(['ids', 'first']);
  });

  it('[LAYER4] a thread is stored once each of its entries is acknowledged', async () => {
    const room = server();
    const anna = await Reader.online(room);
    const id = anna.notes('one');
    const other = anna.notes('other');
    await room.settle();
    expect(anna.layer.thread(id).get()).toMatchObject({ stored: true, comments: [{ stored: true }] });
    let told = 0;
    anna.layer.thread(other).subscribe(() => told++);
    const reply = anna.replies(id, 'two');
    expect(anna.layer.thread(id).get()).toMatchObject({
      stored: true,
      comments: [{ stored: true }, { id: reply, stored: false }],
    });
    anna.layer.setStatus(id, 'resolved');
    expect(anna.layer.thread(id).get()?.stored).toBe(false);
    await room.settle();
    expect(anna.layer.thread(id).get()).toMatchObject({
      stored: true,
      comments: [{ stored: true }, { stored: true }],
    });
    expect(told).toBe(0);
  });

  it('[LAYER5] subscriptions survive the replacement of the document', async () => {
    const room = server();
    const anna = await Reader.online(room);
    const id = anna.notes('one');
    await room.settle();
    const bodies: (string | undefined)[] = [];
    const thread = anna.layer.thread(id);
    thread.subscribe(() => bodies.push(thread.get()?.comments.at(-1)?.comment.body));
    room.verdict = ({ writes }) => (writes.some(({ map }) => map === 'status') ? 'role' : null);
    anna.layer.setStatus(id, 'resolved');
    await room.settle();
    expect(thread.get()?.status.state).toBe('open');
    const ben = await Reader.online(room, 'ben');
    ben.replies(id, 'two');
    await room.settle();
    expect(bodies.at(-1)).toBe('two');
    expect(anna.layer.thread(id)).toBe(thread);
  });

  it('[LAYER6] reads what was moved, removed, hidden and reacted to', async () => {
    const room = server();
    room.rights = () => rightsOf('owner');
    const anna = await Reader.online(room);
    const id = anna.notes('one');
    const comment = anna.layer.thread(id).get()?.comments[0]?.id ?? '';
    anna.layer.react(comment, '🎉', true);
    anna.layer.remove(comment);
    const target = { exact: 'here' } as Target;
    room.edit(layerRoom, (doc) => {
      doc.getMap('moved').set(id, { target, by: 'x', at: 1 });
      doc.getMap('hidden').set(id, { state: 'hidden', by: 'x', at: 1 });
      doc.getMap('hidden').set(comment, { state: 'shown', by: 'x', at: 1 });
      doc.getMap('assigned').set(id, { to: 'x', by: 'x', at: 1 });
    });
    await room.settle();
    expect(anna.layer.thread(id).get()).toMatchObject({
      target,
      hidden: true,
      assigned: { to: 'x' },
      removed: undefined,
      comments: [{ hidden: false, removed: { by: anna.id }, reactions: new Map([['🎉', [anna.id]]]) }],
    });
    expect(anna.layer.thread('nothing').get()).toBeUndefined();
  });
});

it('[LAYER7] words come without U+0000 and without halves of characters', async () => {
  const anna = await Reader.online(new FakeServer());
  const pasted = 'a\u0000b\ud83dc\ude00d 😀';
  const id = anna.layer.annotate({
    target: null,
    motivation: 'editing',
    color: 'amber',
    tags: [pasted],
    suggestion: pasted,
    body: pasted,
  });
  const reply = anna.layer.comment({ annotation: id ?? '', body: pasted, quote: pasted });
  const read = () => anna.layer.thread(id ?? '').get();
  expect(read()?.annotation).toMatchObject({ tags: ['abcd 😀'], suggestion: 'abcd 😀' });
  expect(read()?.comments.map(({ comment }) => comment.body)).toEqual(['abcd 😀', 'abcd 😀']);
  expect(read()?.comments[1]?.comment.quote).toBe('abcd 😀');
  anna.layer.editComment(reply ?? '', `${pasted}!`);
  anna.layer.editAnnotation(id ?? '', { tags: [`${pasted}!`] });
  expect(read()?.comments[1]?.comment.body).toBe('abcd 😀!');
  expect(read()?.annotation.tags).toEqual(['abcd 😀!']);
});
