import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { rightsOf } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import type { Annotation, Comment } from '#core/entries.js';
import { FakeServer, type Sent } from '../support/fake-server.js';
import { layerRoom, Reader, stored } from '../support/reading.js';

const says = (words: string) => (sent: Sent) =>
  sent.writes.some(({ map, value }) => map === 'comments' && (value as Comment).body === words);

describe('a refusal for good', () => {
  it('[DRAFT1, B3] keeps the refused words as a draft, and the copy goes on under a new client id', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('fine');
    await server.settle();
    const before = anna.copy.doc.get();
    server.verdict = (sent) => (says('bad')(sent) ? 'shape' : null);
    anna.notes('bad');
    await server.settle();

    expect(anna.reads()).toEqual(['fine']);
    expect(anna.session.drafts.get()).toMatchObject([
      { room: layerRoom, code: 'shape', annotation: { motivation: 'commenting' }, comment: { body: 'bad' } },
    ]);
    expect(anna.copy.delivery.get()).toEqual({ state: 'refused', count: 1, code: 'shape' });
    expect(anna.session.delivery.get()).toEqual({ state: 'refused', count: 1, code: 'shape' });

    anna.notes('fine too');
    await server.settle();
    expect(stored(server)).toEqual(['fine', 'fine too']);
    expect(anna.copy.doc.get().clientID).not.toBe(before.clientID);
    expect(anna.copy.delivery.get().state).toBe('refused');
  });

  it('[DRAFT2] of several at once finds the one at fault, and sends the others', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.connection.cut();
    for (const body of ['one', 'bad', 'two', 'worse', 'three']) anna.notes(body);
    server.verdict = (sent) => (says('bad')(sent) || says('worse')(sent) ? 'limit' : null);
    anna.goesOnline();
    await server.settle();
    expect(stored(server)).toEqual(['one', 'two', 'three']);
    expect(anna.reads()).toEqual(['one', 'two', 'three']);
    expect(anna.session.drafts.get().map(({ comment }) => comment?.body)).toEqual(['bad', 'worse']);
    expect(anna.copy.delivery.get()).toEqual({ state: 'refused', count: 2, code: 'limit' });
    // And then several go together again.
    server.verdict = () => null;
    const taken = server.taken.length;
    anna.notes('four');
    await server.until('request');
    anna.notes('five');
    anna.notes('six');
    await server.settle();
    expect(server.taken).toHaveLength(taken + 2);
  });

  it('[DRAFT2] words written while the copy is being replaced are not lost', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    server.verdict = (sent) => (says('bad')(sent) ? 'shape' : null);
    anna.notes('bad');
    await server.until('answer');
    server.step();
    await server.until('request');
    anna.notes('in between');
    await server.until('answer');
    anna.notes('and later');
    await server.settle();
    expect(stored(server)).toEqual(['in between', 'and later']);
    expect(anna.reads()).toEqual(['in between', 'and later']);
    expect(anna.session.drafts.get()).toHaveLength(1);
  });

  it('[DRAFT3] what leans on refused words becomes a draft with them', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.connection.cut();
    const id = anna.notes('bad');
    anna.notes('fine');
    anna.replies(id, 'a reply to it');
    server.verdict = (sent) => (says('bad')(sent) ? 'shape' : null);
    anna.goesOnline();
    await server.settle();
    expect(stored(server)).toEqual(['fine']);
    expect(anna.session.drafts.get()).toMatchObject([
      { code: 'shape', comment: { body: 'bad' } },
      { code: 'reference', comment: { body: 'a reply to it' } },
    ]);
  });

  it('[DRAFT4, B3] a role that ended offline: all of it becomes drafts, with one refusal and no try for each', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.connection.cut();
    for (const body of ['one', 'two', 'three']) anna.notes(body);
    let refusals = 0;
    server.rights = () => rightsOf('viewer');
    server.verdict = () => (refusals++, 'role');
    anna.goesOnline();
    await server.settle();
    expect(refusals).toBe(1);
    expect(anna.session.drafts.get().map(({ code }) => code)).toEqual(['role', 'role', 'role']);
    expect(anna.copy.may.get().comment).toBe(false);
    expect(anna.layer.annotate({ target: null, motivation: 'commenting', color: 'sky' })).toBeNull();
  });

  it('[DRAFT5] survives a reload, before the draft and after', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.connection.cut();
    for (const body of ['one', 'bad', 'two']) anna.notes(body);
    server.verdict = (sent) => (says('bad')(sent) ? 'shape' : null);
    anna.goesOnline();
    await server.until('answer');
    server.step();
    await server.until('answer');
    server.step();
    await server.until('request');
    // Refused, and the copy is dropped; now the page dies.
    await anna.reloads();
    anna.goesOnline();
    await server.settle();
    expect(stored(server)).toEqual(['one', 'two']);
    await anna.reloads();
    expect(anna.session.drafts.get()).toMatchObject([{ comment: { body: 'bad' } }]);
    expect(anna.session.delivery.get().state).toBe('refused');
    expect(anna.reads()).toEqual(['one', 'two']);
  });

  it('[DRAFT6] a room that is closed to me: its words become drafts, and nothing of it stays on this device', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('stored');
    await server.settle();
    server.verdict = () => 'busy';
    const id = anna.notes('on its way');
    anna.layer.setStatus(id, 'resolved');
    await server.settle();
    server.close(layerRoom, anna.id);
    await server.settle();
    expect(anna.copy.state.get()).toBe('closed');
    expect(anna.copy.may.get().read).toBe(false);
    expect(anna.session.drafts.get()).toMatchObject([{ code: 'no-room', comment: { body: 'on its way' } }]);
    expect(await anna.store.load(layerRoom)).toMatchObject({ head: null, updates: [], outbox: [] });
  });

  it('[DRAFT6] a join that finds no room closes the copy', async () => {
    const server = new FakeServer();
    server.rights = () => null;
    const anna = await Reader.online(server);
    expect(anna.copy.state.get()).toBe('closed');
    expect(server.joins).toBe(1);
  });
});

describe('drafts', () => {
  async function withDrafts(): Promise<{ server: FakeServer; anna: Reader }> {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.connection.cut();
    const id = anna.notes('bad');
    anna.replies(id, 'a reply to it');
    server.verdict = (sent) => (says('bad')(sent) ? 'shape' : null);
    anna.goesOnline();
    await server.settle();
    server.verdict = () => null;
    return { server, anna };
  }

  it('[DRAFT7] are sent again as new entries of mine, dated now, with what they reply to', async () => {
    const { server, anna } = await withDrafts();
    server.now += 60_000;
    anna.connection.cut();
    anna.goesOnline();
    await server.settle();
    const reply = anna.session.drafts.get()[1];
    if (!reply) throw new Error('no draft');
    anna.session.resend(reply);
    await server.settle();
    expect(stored(server)).toEqual(['bad', 'a reply to it']);
    expect(anna.session.drafts.get()).toEqual([]);
    expect(anna.session.delivery.get()).toEqual({ state: 'stored', count: 0 });
    const [thread] = anna.layer.ids.get().map((id) => anna.layer.thread(id).get());
    expect(thread?.annotation).toMatchObject({ author: anna.id, created: server.now });
    expect(thread?.comments.map(({ comment }) => comment.body)).toEqual(['bad', 'a reply to it']);
  });

  it('[DRAFT7] whose annotation is gone come back as a note on the whole document', async () => {
    const { server, anna } = await withDrafts();
    const [first, reply] = anna.session.drafts.get();
    if (!first || !reply) throw new Error('no drafts');
    anna.session.discard(first);
    expect(anna.session.drafts.get()).toEqual([reply]);
    anna.session.resend(reply);
    await server.settle();
    expect(stored(server)).toEqual(['a reply to it']);
    expect(anna.layer.thread(anna.layer.ids.get()[0] ?? '').get()?.target).toBeNull();
  });

  it('[DRAFT7] are judged by the rights of now, not by those of the refusal', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.connection.cut();
    anna.notes('too late');
    server.rights = () => rightsOf('viewer');
    anna.goesOnline();
    server.verdict = () => 'role';
    await server.settle();
    server.rights = () => rightsOf('reader');
    server.verdict = () => null;
    const [draft] = anna.session.drafts.get();
    if (!draft) throw new Error('no draft');
    anna.session.resend(draft);
    await server.settle();
    expect(stored(server)).toEqual(['too late']);
    expect(anna.session.drafts.get()).toEqual([]);
    expect(anna.copy.may.get().comment).toBe(true);
  });

  it('[DRAFT7] sent again offline wait for the connection', async () => {
    const { server, anna } = await withDrafts();
    anna.connection.cut();
    for (const draft of anna.session.drafts.get()) anna.session.resend(draft);
    await server.settle();
    expect(anna.session.delivery.get()).toEqual({ state: 'offline', count: 2 });
    await anna.reloads();
    anna.goesOnline();
    await server.settle();
    expect(stored(server)).toEqual(['bad', 'a reply to it']);
  });

  it('[DRAFT7] are refused again as drafts again', async () => {
    const { server, anna } = await withDrafts();
    const [first] = anna.session.drafts.get();
    if (!first) throw new Error('no draft');
    server.verdict = () => 'limit';
    anna.session.resend(first);
    anna.session.resend(first);
    await server.settle();
    expect(anna.session.drafts.get()).toMatchObject([
      { code: 'reference', comment: { body: 'a reply to it' } },
      { code: 'limit', comment: { body: 'bad' } },
    ]);
  });

  it('[DRAFT8] are sent once, also when two tabs send them', async () => {
    const { server, anna } = await withDrafts();
    const other = await Reader.online(server, 'anna', { store: anna.store });
    for (const reader of [anna, other])
      for (const draft of reader.session.drafts.get()) reader.session.resend(draft);
    await server.settle();
    expect(stored(server)).toEqual(['bad', 'a reply to it']);
    expect([anna, other].map(({ session }) => session.drafts.get())).toEqual([[], []]);
  });

  it('[DRAFT8] that are discarded stay away after a reload', async () => {
    const { server, anna } = await withDrafts();
    for (const draft of anna.session.drafts.get()) anna.session.discard(draft);
    expect(anna.session.delivery.get().state).toBe('stored');
    await anna.reloads();
    expect(anna.session.drafts.get()).toEqual([]);
    expect(stored(server)).toEqual([]);
  });

  it('[DRAFT7] of an edit edit the entry that stands, and leave the rest of it', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    const id = anna.notes('first words');
    await server.settle();
    server.verdict = () => 'shape';
    anna.layer.editAnnotation(id, { color: 'rose' });
    await server.settle();
    server.verdict = () => null;
    const [draft] = anna.session.drafts.get();
    if (!draft) throw new Error('no draft');
    const created = anna.layer.thread(id).get()?.annotation.created;
    anna.session.resend(draft);
    await server.settle();
    const annotations = server.room(layerRoom).doc.getMap<Annotation>('annotations');
    expect([...annotations.keys()]).toEqual([id]);
    expect(annotations.get(id)).toMatchObject({ color: 'rose', created });
  });
});

describe('a text', () => {
  const content: RoomName = 'content:01900000-0000-7000-8000-00000000000d';
  const read = (doc: Y.Doc): string => doc.getText('content').toJSON();

  it('[DRAFT9] in another epoch, what I typed is typed again where it stood', async () => {
    const server = new FakeServer();
    server.edit(content, (doc) => doc.getText('content').insert(0, 'one two'));
    const anna = await Reader.online(server, 'anna', { room: content });
    const backup = anna.copy.doc.get();
    server.edit(content, (doc) => doc.getText('content').insert(0, 'zero '));
    await server.settle();
    anna.connection.cut();
    const text = anna.copy.doc.get().getText('content');
    text.insert(text.toJSON().indexOf('two'), 'and ');
    text.insert(text.toJSON().indexOf('and'), 'x ');
    server.restore(content, Y.encodeStateAsUpdate(server.room(content).doc));
    anna.goesOnline();
    await server.settle();
    expect(read(server.room(content).doc)).toBe('zero one x and two');
    expect(read(anna.copy.doc.get())).toBe('zero one x and two');
    expect(anna.copy.doc.get()).not.toBe(backup);
  });

  it('[DRAFT9] what I typed under a role that ended becomes a draft of text', async () => {
    const server = new FakeServer();
    server.edit(content, (doc) => doc.getText('content').insert(0, 'one two'));
    const anna = await Reader.online(server, 'anna', { room: content });
    anna.connection.cut();
    anna.copy.doc.get().getText('content').insert(3, ' and a half');
    server.rights = () => rightsOf('reader');
    server.verdict = () => 'role';
    anna.goesOnline();
    await server.settle();
    expect(read(anna.copy.doc.get())).toBe('one two');
    expect(anna.session.drafts.get()).toMatchObject([{ code: 'role', text: ' and a half' }]);
  });

  it('[SYNC20] a mere reader sends no clean-ups that Yjs makes by itself', async () => {
    const server = new FakeServer();
    server.rights = () => rightsOf('reader');
    server.edit(content, (doc) => doc.getText('content').insert(0, 'one two'));
    const anna = await Reader.online(server, 'anna', { room: content });
    const doc = anna.copy.doc.get();
    doc.transact(() => doc.getText('content').delete(0, 1));
    await server.settle();
    expect(server.taken).toEqual([]);
    expect(anna.copy.delivery.get().state).toBe('stored');
  });
});
