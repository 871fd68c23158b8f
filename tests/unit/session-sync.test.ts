import { describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { fromServer } from '../../client/session/origin.js';
import { onOwnUpdate } from '../../client/session/own-updates.js';
import { FakeServer } from '../support/fake-server.js';
import { layerRoom, Reader, stored } from '../support/reading.js';

describe('sending', () => {
  it('[SYNC1] what is written offline arrives once when the connection comes', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.connection.cut();
    anna.notes('one');
    anna.notes('two');
    expect(anna.reads()).toEqual(['one', 'two']);
    expect(stored(server)).toEqual([]);

    anna.goesOnline();
    await server.settle();
    expect(stored(server)).toEqual(['one', 'two']);
    expect(server.taken).toHaveLength(1);
    expect(server.room(layerRoom).doc.store.pendingStructs).toBeNull();
  });

  it('[SYNC2] one update is in flight, and what waits meanwhile goes as one', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('one');
    await server.until('request');
    anna.notes('two');
    anna.notes('three');
    await server.settle();
    expect(stored(server)).toEqual(['one', 'two', 'three']);
    expect(server.taken.map(({ writes }) => writes.length)).toEqual([2, 4]);
  });

  it('[SYNC3] nothing is sent before this device has kept it', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    const keep = anna.store.keep.bind(anna.store);
    let kept = (): void => undefined;
    anna.store.keep = (entry) => new Promise((resolve) => void (kept = () => void keep(entry).then(resolve)));
    anna.notes('one');
    await server.settle();
    expect(server.taken).toEqual([]);
    kept();
    await server.settle();
    expect(stored(server)).toEqual(['one']);
  });

  it('[SYNC3] nor is it after a join, when the document holds more than what was kept', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.connection.cut();
    server.edit(layerRoom, (doc) => doc.getMap('status').set('x', 1));
    server.forgetLog(layerRoom);
    anna.notes('one');
    await server.settle();
    const keep = anna.store.keep.bind(anna.store);
    let kept = (): void => undefined;
    anna.store.keep = (entry) => new Promise((resolve) => void (kept = () => void keep(entry).then(resolve)));
    anna.notes('two');
    anna.goesOnline();
    await server.settle();
    expect(server.taken).toEqual([]);
    kept();
    await server.settle();
    expect(stored(server)).toEqual(['one', 'two']);
  });

  it('[SYNC4] an answer that is lost on its way makes the same structs come again, and nothing double', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('one');
    await server.until('answer');
    expect(stored(server)).toEqual(['one']);
    const before = Y.encodeStateVector(server.room(layerRoom).doc);
    anna.connection.cut();
    expect(anna.copy.delivery.get()).toEqual({ state: 'offline', count: 1 });

    anna.goesOnline();
    await server.settle();
    expect(Y.encodeStateVector(server.room(layerRoom).doc)).toEqual(before);
    expect(anna.copy.delivery.get()).toEqual({ state: 'stored', count: 0 });
    expect(anna.reads()).toEqual(['one']);
  });

  it('[SYNC4] a page that dies between sending and the answer has its words sent by the next one', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('one');
    await server.until('request');
    await anna.reloads();
    expect(anna.reads()).toEqual(['one']);
    expect(anna.copy.delivery.get().count).toBe(1);
    anna.goesOnline();
    await server.settle();
    expect(stored(server)).toEqual(['one']);
    expect(anna.copy.delivery.get().state).toBe('stored');
  });

  it('[SYNC4] after a join that told what the server knows, only what it lacks is sent', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('x'.repeat(5_000));
    await server.until('answer');
    anna.connection.cut();
    server.forgetLog(layerRoom);
    anna.notes('two');
    anna.goesOnline();
    await server.settle();
    expect(server.taken.map(({ bytes }) => bytes > 5_000)).toEqual([true, false]);
    expect(anna.copy.delivery.get().state).toBe('stored');
  });

  it('[SYNC4] an answer that comes after a new join has begun still counts', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('one');
    await server.until('request');
    server.edit(layerRoom, (doc) => doc.getMap('status').set('x', 1), true);
    server.edit(layerRoom, (doc) => doc.getMap('status').set('y', 2));
    await server.settle();
    expect(server.joins).toBe(2);
    expect(server.taken).toHaveLength(1);
    expect(anna.copy.delivery.get().state).toBe('stored');
  });

  it('[SYNC5] what waits in a room that no page has open is sent all the same', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.connection.cut();
    anna.notes('one');
    await server.settle();
    const other = await Reader.offline(server, 'anna', {
      room: 'layer:01900000-0000-7000-8000-00000000000b',
      store: anna.store,
    });
    expect(other.session.delivery.get().count).toBe(1);
    other.goesOnline();
    await server.settle();
    expect(stored(server)).toEqual(['one']);
    expect(other.session.delivery.get().state).toBe('stored');
    expect(other.connection.rooms).not.toContain(layerRoom);
  });

  it('[SYNC6] a copy that nobody holds any more is left once its words are stored', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('one');
    anna.copy.release();
    expect(anna.connection.rooms).toContain(layerRoom);
    await server.settle();
    expect(stored(server)).toEqual(['one']);
    expect(anna.connection.rooms).not.toContain(layerRoom);
  });
});

describe('own updates', () => {
  it('[SYNC22] are heard also where one begins while another ends, and only they', () => {
    const doc = new Y.Doc();
    const heard: Uint8Array[] = [];
    const stop = onOwnUpdate(doc, (update) => void heard.push(update));
    const set = (key: string): void => void doc.getMap('m').set(key, 1);
    const server = new Y.Doc();
    server.getMap('m').set('theirs', 1);
    const theirs = Y.encodeStateAsUpdate(server);

    Y.applyUpdate(doc, theirs, fromServer);
    expect(heard).toEqual([]);
    // Mine, made by somebody who observes theirs; and theirs, applied by somebody who observes mine.
    server.getMap('m').set('theirs too', 1);
    doc.getMap('m').observe((event) => {
      if (event.keysChanged.has('theirs too')) set('in between');
      if (event.keysChanged.has('mine')) Y.applyUpdate(doc, Y.encodeStateAsUpdate(server), fromServer);
    });
    set('mine');
    expect(doc.getMap('m').size).toBe(4);
    const copy = new Y.Doc();
    for (const update of heard) Y.applyUpdate(copy, update);
    expect(copy.getMap('m').toJSON()).toEqual({ mine: 1, 'in between': 1 });
    expect(heard).toHaveLength(2);
    stop();
    set('later');
    expect(heard).toHaveLength(2);
  });
});

describe('answers that pass', () => {
  it('[SYNC7, B2] behind: everything since the state vector of the answer is sent', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('one');
    await server.settle();
    let missed = 0;
    server.verdict = () => (missed++ === 0 ? 'behind' : null);
    const id = anna.notes('two');
    await server.until('request');
    anna.replies(id, 'three');
    await server.settle();
    expect(missed).toBe(2);
    // One update with both, although one of them was in flight and the other waited.
    expect(
      server.taken
        .at(-1)
        ?.writes.map(({ map }) => map)
        .sort(),
    ).toEqual(['annotations', 'comments', 'comments']);
    expect(anna.copy.delivery.get().state).toBe('stored');
    expect(server.joins).toBe(1);
  });

  it('[SYNC7] behind, again and again: the copy is replaced and what leans on nothing becomes a draft', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    server.verdict = ({ writes }) => (writes.some(({ map }) => map === 'status') ? 'behind' : null);
    const id = anna.notes('one');
    anna.layer.setStatus(id, 'resolved');
    anna.notes('two');
    await server.settle();
    expect(stored(server)).toEqual(['one', 'two']);
    expect(anna.session.drafts.get()).toMatchObject([{ code: 'reference', other: { map: 'status' } }]);
  });

  it('[SYNC8] busy: the words wait, and are sent again later and later', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    let asked = 0;
    server.verdict = () => (++asked < 3 ? 'busy' : null);
    anna.notes('one');
    await server.settle();
    expect(anna.copy.delivery.get()).toEqual({ state: 'waiting', count: 1 });
    anna.clock.advance(499);
    await server.settle();
    expect(asked).toBe(1);
    anna.clock.advance(1);
    await server.settle();
    expect(asked).toBe(2);
    anna.clock.advance(999);
    await server.settle();
    expect(asked).toBe(2);
    anna.clock.advance(1);
    await server.settle();
    expect(stored(server)).toEqual(['one']);
    expect(anna.copy.delivery.get()).toEqual({ state: 'stored', count: 0 });
  });

  it('[SYNC8] no session: the words stay, and nothing more is tried', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    server.verdict = () => 'no-session';
    anna.notes('one');
    await server.settle();
    expect(anna.session.connection.get()).toBe('signed-out');
    expect(anna.copy.delivery.get()).toEqual({ state: 'offline', count: 1 });
  });
});

describe('receiving', () => {
  it('[SYNC9] frames in order are applied without joining again; known ones are ignored', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    const ben = await Reader.online(server, 'ben');
    ben.notes('one');
    await server.settle();
    anna.notes('two');
    await server.settle();
    ben.notes('three');
    await server.settle();
    expect(anna.reads()).toEqual(['one', 'two', 'three']);
    expect(ben.reads()).toEqual(['one', 'two', 'three']);
    expect(server.joins).toBe(2);
  });

  it('[SYNC10, B6] a gap in seq joins again, with what is known', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    server.edit(layerRoom, (doc) => doc.getMap('status').set('x', 1), true);
    server.edit(layerRoom, (doc) => doc.getMap('status').set('y', 2));
    await server.settle();
    expect(server.joins).toBe(2);
    expect(anna.copy.doc.get().getMap('status').toJSON()).toEqual({ x: 1, y: 2 });
    server.edit(layerRoom, (doc) => doc.getMap('status').set('z', 3));
    await server.settle();
    expect(server.joins).toBe(2);
    expect(anna.copy.doc.get().getMap('status').toJSON()).toEqual({ x: 1, y: 2, z: 3 });
  });

  it('[SYNC10] a gap that an acknowledgement shows joins again too', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    server.edit(layerRoom, (doc) => doc.getMap('status').set('x', 1), true);
    anna.notes('one');
    await server.settle();
    expect(server.joins).toBe(2);
    expect(anna.copy.doc.get().getMap('status').toJSON()).toEqual({ x: 1 });
    expect(anna.copy.delivery.get().state).toBe('stored');
  });

  it('[SYNC11] frames that come while a join is being taken in are applied after it', async () => {
    const server = new FakeServer();
    for (let i = 0; i < 50; i++)
      server.edit(layerRoom, (doc) => doc.getMap('status').set(`${i}`, 'x'.repeat(2_000)));
    const anna = await Reader.offline(server);
    anna.goesOnline();
    await server.until('answer');
    server.edit(layerRoom, (doc) => doc.getMap('status').set('last', 1));
    server.step();
    server.step();
    await server.settle();
    expect(anna.copy.doc.get().getMap('status').size).toBe(51);
    expect(server.joins).toBe(1);
  });

  it('[SYNC12, B7] another epoch: the copy goes, my unacknowledged words are written again under a new client id', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    const backup = Y.encodeStateAsUpdate(server.room(layerRoom).doc);
    anna.notes('lost with the backup');
    await server.settle();
    anna.connection.cut();
    const id = anna.notes('mine, offline');
    anna.replies(id, 'and a reply');
    const before = anna.copy.doc.get();
    server.restore(layerRoom, backup);
    anna.goesOnline();
    await server.settle();
    expect(stored(server)).toEqual(['mine, offline', 'and a reply']);
    expect(anna.reads()).toEqual(['mine, offline', 'and a reply']);
    expect(anna.copy.doc.get()).not.toBe(before);
    expect(anna.copy.doc.get().clientID).not.toBe(before.clientID);
    expect(anna.session.drafts.get()).toEqual([]);
    expect(anna.copy.delivery.get().state).toBe('stored');
    expect(server.room(layerRoom).doc.store.clients.has(before.clientID)).toBe(false);
  });

  it('[SYNC12] what the restored room already says is not written a second time', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('stored, but the answer was lost');
    await server.until('answer');
    const backup = Y.encodeStateAsUpdate(server.room(layerRoom).doc);
    server.restore(layerRoom, backup);
    anna.goesOnline();
    await server.settle();
    expect(Y.encodeStateAsUpdate(server.room(layerRoom).doc)).toEqual(backup);
    expect(anna.copy.delivery.get().state).toBe('stored');
  });
});

describe('opening and coming back', () => {
  const set = (key: string) => (doc: Y.Doc) => void doc.getMap('status').set(key, 1);
  const status = (reader: Reader): string[] => [...reader.copy.doc.get().getMap('status').keys()].sort();

  it('[SYNC23] a copy of nothing shows the state before the connection is there, and joins by its batch', async () => {
    const server = new FakeServer();
    server.edit(layerRoom, set('a'));
    server.keepState(layerRoom);
    server.edit(layerRoom, set('b'));
    const anna = await Reader.connecting(server);
    expect(anna.copy.state.get()).toBe('ready');
    expect(status(anna)).toEqual(['a']);
    expect(anna.copy.may.get().comment).toBe(false);
    anna.goesOnline();
    await server.settle();
    expect(status(anna)).toEqual(['a', 'b']);
    expect(server.asked).toEqual(['since']);
    expect(anna.copy.may.get().comment).toBe(true);
    // And it is kept.
    await anna.reloads();
    expect(status(anna)).toEqual(['a', 'b']);
  });

  it('[SYNC23] where no state is to be had, the join brings everything', async () => {
    const server = new FakeServer();
    server.edit(layerRoom, set('a'));
    const anna = await Reader.offline(server);
    anna.connection.begin = () => Promise.resolve(null);
    anna.goesOnline();
    await server.settle();
    expect(status(anna)).toEqual(['a']);
    expect(server.asked).toEqual(['stateVector']);
  });

  it('[SYNC23] a state of an epoch that is gone is asked for twice at most, then the join brings everything', async () => {
    const server = new FakeServer();
    const anna = await Reader.offline(server);
    let fetched = 0;
    anna.connection.begin = () => (fetched++, Promise.resolve({ epoch: 'gone', seq: 7, pieces: [] }));
    server.edit(layerRoom, set('a'));
    anna.goesOnline();
    await server.settle();
    expect(status(anna)).toEqual(['a']);
    expect(fetched).toBe(2);
    expect(server.asked.at(-1)).toBe('stateVector');
  });

  it('[SYNC24] a copy that comes back joins by the batch up to which it is whole, after a reload too', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    server.edit(layerRoom, set('a'));
    await server.settle();
    for (const key of ['b', 'c']) {
      anna.connection.cut();
      if (key === 'c') await anna.reloads();
      server.edit(layerRoom, set(key));
      anna.goesOnline();
      await server.settle();
    }
    expect(status(anna)).toEqual(['a', 'b', 'c']);
    expect(server.asked).toEqual(['since', 'since', 'since']);
  });

  it('[SYNC24] where that batch is known no more it joins by its state vector', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.connection.cut();
    anna.notes('offline');
    server.edit(layerRoom, set('a'));
    server.forgetLog(layerRoom);
    anna.goesOnline();
    await server.settle();
    expect(status(anna)).toEqual(['a']);
    expect(stored(server)).toEqual(['offline']);
    expect(server.asked).toEqual(['since', 'behind', 'stateVector']);
  });

  it('[SYNC24] nor does it where what is kept leans on what is not', async () => {
    const server = new FakeServer();
    server.edit(layerRoom, set('a'));
    server.edit(layerRoom, set('b'));
    const anna = await Reader.online(server);
    const load = anna.store.load.bind(anna.store);
    const [, second] = server.room(layerRoom).log;
    anna.store.load = async (room) => ({ ...(await load(room)), updates: second ? [second.update] : [] });
    await anna.reloads();
    anna.goesOnline();
    await server.settle();
    expect(server.asked).toEqual(['since', 'stateVector']);
    expect(status(anna)).toEqual(['a', 'b']);
  });

  it('[SYNC25] an acknowledgement of a batch that holds others’ words too does not stand for its frame', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    server.together = set('theirs');
    anna.notes('mine');
    await server.until('frame');
    // The acknowledgement came; the frame never does.
    server.loseFrames();
    await server.settle();
    expect(anna.copy.delivery.get().state).toBe('stored');
    expect(status(anna)).toEqual([]);
    await anna.reloads();
    anna.goesOnline();
    await server.settle();
    expect(status(anna)).toEqual(['theirs']);
    expect(server.asked).toEqual(['since', 'since']);
  });

  it('[SYNC25] and the next frame shows that it is missing', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    server.together = set('theirs');
    anna.notes('mine');
    await server.until('frame');
    server.loseFrames();
    await server.settle();
    server.edit(layerRoom, set('later'));
    await server.settle();
    expect(status(anna)).toEqual(['later', 'theirs']);
    expect(server.joins).toBe(2);
  });

  it('[SYNC25] a server one commit behind is joined by the state vector, and gets what it lacks', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('one');
    await server.settle();
    const id = anna.layer.ids.get()[0] ?? '';
    anna.connection.cut();
    anna.replies(id, 'two');
    server.rollBack(layerRoom);
    anna.goesOnline();
    await server.settle();
    expect(server.asked.slice(1)).toEqual(['behind', 'stateVector']);
    expect(stored(server)).toEqual(['one', 'two']);
    expect(anna.copy.delivery.get().state).toBe('stored');
  });
});

describe('this device', () => {
  it('[SYNC13] a page that opens offline shows what was read and written here', async () => {
    const server = new FakeServer();
    const ben = await Reader.online(server, 'ben');
    ben.notes('of Ben');
    const anna = await Reader.online(server);
    anna.notes('stored');
    await server.settle();
    anna.connection.cut();
    anna.notes('not stored');
    await anna.reloads();
    expect(anna.copy.state.get()).toBe('ready');
    expect(anna.reads()).toEqual(['of Ben', 'stored', 'not stored']);
    expect(anna.copy.delivery.get().count).toBe(1);
    anna.notes('after the reload');
    anna.goesOnline();
    await server.settle();
    expect(stored(server)).toEqual(['of Ben', 'stored', 'not stored', 'after the reload']);
  });

  it('[SYNC14, S20] a reload writes on under the same client id, once the server has answered', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    for (const body of ['one', 'two', 'three']) {
      anna.notes(body);
      await server.settle();
      await anna.reloads();
      anna.goesOnline();
      await server.settle();
    }
    expect(stored(server)).toEqual(['one', 'two', 'three']);
    expect(server.room(layerRoom).doc.store.clients.size).toBe(1);
  });

  it('[SYNC14] what is written before the first answer gets a client id of its own', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('one');
    await server.settle();
    await anna.reloads();
    anna.notes('two');
    anna.goesOnline();
    await server.settle();
    expect(stored(server)).toEqual(['one', 'two']);
    expect(server.room(layerRoom).doc.store.clients.size).toBe(2);
  });

  it('[SYNC15] two tabs of one browser keep their own words, and one sends what the other left', async () => {
    const server = new FakeServer();
    const first = await Reader.online(server);
    const second = await Reader.online(server, 'anna', { store: first.store });
    first.notes('of the first');
    second.notes('of the second');
    await server.settle();
    expect(stored(server)).toEqual(['of the first', 'of the second']);

    first.connection.cut();
    second.connection.cut();
    second.notes('left behind');
    await server.settle();
    await second.session.close();
    first.goesOnline();
    await server.settle();
    expect(stored(server)).toEqual(['of the first', 'of the second', 'left behind']);
    expect(first.reads()).toEqual(['of the first', 'of the second', 'left behind']);
  });

  it('[SYNC16] a copy that cannot be read is dropped, and the words in the outbox are not', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    anna.notes('stored');
    await server.settle();
    anna.connection.cut();
    anna.notes('not stored');
    await server.settle();
    const load = anna.store.load.bind(anna.store);
    anna.store.load = async (room) => ({ ...(await load(room)), updates: [new Uint8Array([1, 1, 255])] });
    await anna.reloads();
    anna.goesOnline();
    await server.settle();
    expect(stored(server)).toEqual(['stored', 'not stored']);
    expect(anna.reads()).toEqual(['stored', 'not stored']);
  });

  it('[SYNC17] a device that keeps nothing is told of, and the words are sent all the same', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    expect(anna.session.keeps.get()).toBe(true);
    const reported = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    anna.store.keep = () => Promise.reject(new Error('the disk is full'));
    anna.notes('one');
    await server.settle();
    expect(anna.session.keeps.get()).toBe(false);
    expect(reported).toHaveBeenCalledOnce();
    reported.mockRestore();
    expect(stored(server)).toEqual(['one']);
    expect(anna.copy.delivery.get().state).toBe('stored');
  });
});

describe('delivery', () => {
  it('[SYNC18] says stored only when everything is acknowledged, and each state on the way', async () => {
    const server = new FakeServer();
    const anna = await Reader.online(server);
    const states: string[] = [];
    anna.session.delivery.subscribe(() => states.push(anna.session.delivery.get().state));
    expect(anna.session.delivery.get()).toEqual({ state: 'stored', count: 0 });
    anna.notes('one');
    expect(anna.session.delivery.get()).toEqual({ state: 'sending', count: 1 });
    await server.until('request');
    anna.clock.advance(2_999);
    expect(anna.session.delivery.get().state).toBe('sending');
    anna.clock.advance(1);
    expect(anna.session.delivery.get()).toEqual({ state: 'waiting', count: 1 });
    anna.connection.cut();
    expect(anna.session.delivery.get()).toEqual({ state: 'offline', count: 1 });
    anna.goesOnline();
    expect(anna.session.delivery.get()).toEqual({ state: 'sending', count: 1 });
    await server.settle();
    expect(states).toEqual(['sending', 'waiting', 'offline', 'sending', 'stored']);
  });

  it('[SYNC19] entries are dated by the server, not by this device', async () => {
    const server = new FakeServer();
    server.now += 7 * 24 * 3_600_000;
    const anna = await Reader.online(server);
    const id = anna.notes('one');
    expect(anna.layer.thread(id).get()?.annotation.created).toBe(server.now);
  });
});
