import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { v7 as uuid } from 'uuid';
import * as Y from 'yjs';
import { noRights, rightsOf, type Rights } from '../../core/roles.js';
import { roomName, type RoomName } from '../../core/rooms.js';
import { CommitQueue } from '../../server/rooms/commit-queue.js';
import type { Bus, BusMessage, Person } from '../../server/rooms/ports.js';
import { Rooms } from '../../server/rooms/registry.js';
import type { Answer, Committed, LiveRoom } from '../../server/rooms/room.js';
import { HeldLog } from '../support/held-log.js';
import { MemoryRoomLog, MemoryStore } from '../support/memory-room-log.js';
import { annotate, comment, entry, updateOf } from '../support/people.js';

const anna: Person = { id: uuid(), name: 'Anna' };
const ben: Person = { id: uuid(), name: 'Ben' };
const now = 1_780_000_000_000;

let log: HeldLog;
let store: MemoryStore;
let memory: MemoryRoomLog;
let rights: Map<string, Rights>;
let name: RoomName;
let reports: string[];
const opened: Rooms[] = [];

function openRooms(options: { shared?: boolean; bus?: Bus; over?: HeldLog } = {}): Rooms {
  const over = options.over ?? log;
  const rooms = new Rooms(
    {
      log: over,
      queue: new CommitQueue(over, 1),
      access: { rights: (id) => rights.get(id) ?? noRights },
      clock: { now: () => now },
      shared: options.shared ?? false,
      report: (problem) => reports.push(problem),
    },
    options.bus,
  );
  opened.push(rooms);
  return rooms;
}

beforeEach(() => {
  store = new MemoryStore();
  memory = new MemoryRoomLog(store);
  log = new HeldLog(memory);
  rights = new Map([
    [anna.id, rightsOf('owner')],
    [ben.id, rightsOf('reader')],
  ]);
  name = roomName('layer', uuid());
  reports = [];
});
afterEach(async () => {
  log.release();
  await Promise.all(opened.splice(0).map((rooms) => rooms.close()));
});

const open = async (rooms = openRooms()): Promise<LiveRoom> => (await rooms.hold(name)).room;
const send = (room: LiveRoom, person: Person, update: Uint8Array, source: object = person): Promise<Answer> =>
  room.submit(person, { kind: 'update', update }, source);
/** One annotation by this person, as an update of a client of its own. */
function written(person: Person): { id: string; update: Uint8Array; doc: Y.Doc } {
  const doc = new Y.Doc();
  let id = '';
  const update = updateOf(doc, () => (id = annotate(doc, person.id, { created: now })));
  return { id, update, doc };
}
const ids = (room: LiveRoom): Promise<string[]> => room.read((doc) => [...doc.getMap('annotations').keys()]);
const stored = async (id: string): Promise<boolean> => {
  const doc = new Y.Doc();
  for (const { updates } of (await memory.load(name)).tail)
    for (const update of updates) Y.applyUpdate(doc, update);
  return doc.getMap('annotations').has(id);
};
/** Whether a promise has an outcome already, without waiting for it. */
const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  const pending = Symbol('pending');
  return (
    (await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, pending))])) !== pending
  );
};

describe('judge, commit, acknowledge, relay', () => {
  it('[ROOM5, B1] the same update sent twice before the commit is acknowledged twice, and only after it', async () => {
    const room = await open();
    const { update, id } = written(anna);
    log.hold();
    const first = send(room, anna, update);
    await log.arrived();
    const again = send(room, anna, update);
    expect(await settled(Promise.race([first, again]))).toBe(false);
    expect(await stored(id)).toBe(false);
    log.release();
    expect(await Promise.all([first, again])).toMatchObject([
      { ok: true, seq: 1 },
      { ok: true, seq: 1 },
    ]);
    expect(await stored(id)).toBe(true);
  });

  it('[ROOM6, B1] who reads while a commit is in flight waits for it, or gets what was committed before', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const room = await open();
      const early = written(anna);
      await send(room, anna, early.update);
      const { update, id } = written(anna);
      log.hold();
      const answer = send(room, anna, update);
      await log.arrived();
      const patient = ids(room);
      expect(await settled(patient)).toBe(false);
      vi.advanceTimersByTime(250);
      expect(await patient).toEqual([early.id]);
      const waiting = ids(room);
      log.release();
      await answer;
      expect(await waiting).toEqual(expect.arrayContaining([early.id, id]));
    } finally {
      vi.useRealTimers();
    }
  });

  it('[ROOM7, B1] a commit that fails is judged and tried again: nobody is told before, the order is kept', async () => {
    const room = await open();
    const told: Committed[] = [];
    room.subscribe({ committed: (batch) => told.push(batch), presence: () => undefined });
    const first = written(anna);
    const second = written(ben);
    log.hold();
    const answers = [send(room, anna, first.update)];
    await log.arrived();
    answers.push(send(room, ben, second.update));
    log.release(new Error('connection lost'));
    expect(await Promise.all(answers)).toMatchObject([
      { ok: true, seq: 1 },
      { ok: true, seq: 2 },
    ]);
    expect(reports).toHaveLength(1);
    expect(told.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('[ROOM8] while the database is away committed words can be read and nothing is acknowledged; then all is stored in order', async () => {
    const room = await open();
    const early = written(anna);
    await send(room, anna, early.update);
    log.away = new Error('away');
    const one = written(anna);
    const two = written(ben);
    const answers = [send(room, anna, one.update), send(room, ben, two.update)];
    expect(await ids(room)).toEqual([early.id]);
    expect(await settled(Promise.race(answers))).toBe(false);
    log.away = null;
    expect((await Promise.all(answers)).every(({ ok }) => ok)).toBe(true);
    expect(await ids(room)).toEqual(expect.arrayContaining([early.id, one.id, two.id]));
  });

  it('[ROOM9] people who open a room at the same time share one load', async () => {
    const rooms = openRooms();
    const held = await Promise.all([rooms.hold(name), rooms.hold(name), rooms.hold(name)]);
    expect(new Set(held.map(({ room }) => room)).size).toBe(1);
    expect(log.loads).toBe(1);
  });

  it('[ROOM10] a load that failed is tried again by the next who comes', async () => {
    const rooms = openRooms();
    log.away = new Error('away');
    await expect(rooms.hold(name)).rejects.toThrow('away');
    log.away = null;
    expect((await rooms.hold(name)).room.seq).toBe(0);
  });

  it('[ROOM11] rights are those of the moment in which the batch is judged', async () => {
    const room = await open();
    log.hold();
    const first = send(room, anna, written(anna).update);
    await log.arrived();
    const second = send(room, ben, written(ben).update);
    rights.set(ben.id, rightsOf('viewer'));
    log.release();
    expect((await first).ok).toBe(true);
    expect(await second).toMatchObject({ ok: false, code: 'role' });
  });

  it('[ROOM12] past what may wait the answer is busy, and what waits is stored', async () => {
    const room = await open();
    log.hold();
    const first = send(room, anna, written(anna).update);
    await log.arrived();
    const big = { kind: 'update', update: new Uint8Array(16 * 1024 * 1024) } as const;
    const waiting = Array.from({ length: 4 }, () => room.submit(ben, big));
    expect(await room.submit(ben, big)).toMatchObject({ ok: false, code: 'busy' });
    log.release();
    expect((await first).ok).toBe(true);
    expect((await Promise.all(waiting)).map((answer) => answer.ok)).toEqual([false, false, false, false]);
  });

  it('[ROOM13, B6] a batch of one sender leaves him out; one of several goes to everybody, as one frame', async () => {
    const room = await open();
    const told: Committed[] = [];
    room.subscribe({ committed: (batch) => told.push(batch), presence: () => undefined });
    log.hold();
    const alone = send(room, anna, written(anna).update, anna);
    await log.arrived();
    const both = [send(room, anna, written(anna).update, anna), send(room, ben, written(ben).update, ben)];
    log.release();
    await Promise.all([alone, ...both]);
    expect(told.map(({ seq, only }) => ({ seq, only }))).toEqual([
      { seq: 1, only: anna },
      { seq: 2, only: null },
    ]);
    const copy = new Y.Doc();
    for (const { update } of told) Y.applyUpdate(copy, update);
    expect([...copy.getMap('annotations').keys()].sort()).toEqual((await ids(room)).sort());
  });

  it('[ROOM14] a refused update is no part of the batch and moves no seq', async () => {
    const room = await open();
    expect(await send(room, ben, written(anna).update)).toMatchObject({ ok: false, code: 'author' });
    expect(await ids(room)).toEqual([]);
    expect((await memory.load(name)).seq).toBe(0);
  });

  it('[ROOM15, S15] words of what is removed are in no frame and no log row, and a late edit of them neither', async () => {
    const room = await open();
    const told: Committed[] = [];
    room.subscribe({ committed: (batch) => told.push(batch), presence: () => undefined });
    const { doc, id, update } = written(ben);
    await send(room, ben, update);
    let words = '';
    await send(
      room,
      ben,
      updateOf(doc, () => (words = comment(doc, ben.id, id, 'PLAIN WORDS', { created: now }))),
    );
    const offline = new Y.Doc();
    Y.applyUpdate(offline, Y.encodeStateAsUpdate(doc));
    const removal = updateOf(doc, () => doc.getMap('removed').set(words, { by: ben.id, at: now }));
    const edit = updateOf(offline, () =>
      offline
        .getMap('comments')
        .set(words, { ...entry(offline, 'comments', words), body: 'SECRET WORDS', edited: now }),
    );
    expect((await send(room, ben, removal)).ok).toBe(true);
    expect((await send(room, ben, edit)).ok).toBe(true);
    const updates = (await memory.load(name)).tail.flatMap((batch) => batch.updates);
    const bytes = (list: readonly Uint8Array[]): string =>
      list.map((one) => Buffer.from(one).toString('latin1')).join();
    expect(bytes(updates)).not.toContain('SECRET WORDS');
    expect(bytes(told.map((batch) => batch.update))).not.toContain('SECRET WORDS');
    // The server added the blanking, so the sender must hear of it too.
    expect(told[2]?.only).toBeNull();
    const state = await room.read((live) => Y.encodeStateAsUpdate(live));
    expect(bytes([state])).not.toContain('WORDS');
    expect(await room.read((live) => entry(live, 'comments', words)?.body)).toBe('');
    expect(JSON.stringify(store.rowsOf(name.slice('layer:'.length)))).not.toContain('WORDS');
  });

  it('[GATE15, S10] each load writes under a fresh client id, which stays the server’s', async () => {
    const value = {
      author: anna.id,
      created: now,
      motivation: 'highlighting',
      target: null,
      color: 'sky',
      tags: [],
    };
    const write = (room: LiveRoom): Promise<Answer> =>
      room.submit(anna, { kind: 'entries', entries: [{ map: 'annotations', key: uuid(), value }] });
    const clients = (room: LiveRoom): Promise<number[]> => room.read((doc) => [...doc.store.clients.keys()]);
    const before = openRooms();
    await write(await open(before));
    await before.close();
    const room = await open();
    const [first = 0] = await clients(room);
    await write(room);
    expect(await clients(room)).toHaveLength(2);
    const thief = new Y.Doc();
    Y.applyUpdate(thief, await room.read((doc) => Y.encodeStateAsUpdate(doc)));
    thief.clientID = first;
    const stolen = updateOf(thief, () => annotate(thief, ben.id, { created: now }));
    expect(await send(room, ben, stolen)).toMatchObject({ ok: false, code: 'client' });
  });

  it('[ROOM16] on stopping the commit in flight ends, and what waits is answered busy', async () => {
    const rooms = openRooms();
    const room = await open(rooms);
    log.hold();
    const first = send(room, anna, written(anna).update);
    await log.arrived();
    const second = send(room, ben, written(ben).update);
    const closing = rooms.close();
    log.release();
    await closing;
    expect((await first).ok).toBe(true);
    expect(await second).toMatchObject({ ok: false, code: 'busy' });
  });
});

describe('two servers on one log', () => {
  /** A bus that delivers when the test says so. */
  class HeldBus implements Bus {
    readonly sent: BusMessage[] = [];
    readonly #listeners: ((message: BusMessage) => void)[] = [];
    publish = (message: BusMessage): void => void this.sent.push(message);
    subscribe = (listener: (message: BusMessage) => void): void => void this.#listeners.push(listener);
    close = (): Promise<void> => Promise.resolve();
    deliver(messages: readonly BusMessage[]): void {
      for (const message of messages) for (const listener of this.#listeners) listener(message);
    }
  }

  it('[LOG35] equal seqs: one server is first, the other catches up, judges again and both are stored', async () => {
    const here = await open(openRooms({ shared: true }));
    const there = await open(openRooms({ shared: true, over: new HeldLog(memory) }));
    const [a, b] = [written(anna), written(ben)];
    const answers = await Promise.all([send(here, anna, a.update), send(there, ben, b.update)]);
    expect(answers.map((answer) => answer.ok && answer.seq).sort()).toEqual([1, 2]);
    expect([await stored(a.id), await stored(b.id)]).toEqual([true, true]);
  });

  it('[LOG36] a message of the bus brings what the other committed, as frames in order', async () => {
    const [busHere, busThere] = [new HeldBus(), new HeldBus()];
    const here = await open(openRooms({ shared: true, bus: busHere }));
    const there = await open(openRooms({ shared: true, bus: busThere, over: new HeldLog(memory) }));
    const told: Committed[] = [];
    there.subscribe({ committed: (batch) => told.push(batch), presence: () => undefined });
    const notes = [written(anna), written(anna), written(anna)];
    const [first, ...others] = notes;
    await send(here, anna, first?.update ?? new Uint8Array());
    busThere.deliver(busHere.sent.splice(0));
    await vi.waitUntil(() => told.length === 1);
    for (const { update } of others) await send(here, anna, update);
    // The second message is lost: the gap in seq is read from the log.
    busThere.deliver(busHere.sent.slice(1));
    await vi.waitUntil(() => told.length === 3);
    expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(await ids(there)).toEqual(expect.arrayContaining(notes.map(({ id }) => id)));
  });

  it('[LOG37, B7] a refusal counts only at the head: who leans on what the other server committed is taken', async () => {
    const here = await open(openRooms({ shared: true }));
    const there = await open(openRooms({ shared: true, over: new HeldLog(memory) }));
    const { doc, id, update } = written(anna);
    await send(here, anna, update);
    const reply = updateOf(doc, () => comment(doc, anna.id, id, 'A reply', { created: now }));
    expect(await send(there, anna, reply)).toMatchObject({ ok: true, seq: 2 });
  });
});
