import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { rightsOf } from '../../core/roles.js';
import { roomName } from '../../core/rooms.js';
import { CommitQueue } from '../../server/rooms/commit-queue.js';
import type { Bus, BusMessage, Person, RoomLog } from '../../server/rooms/ports.js';
import { Rooms } from '../../server/rooms/registry.js';
import type { LiveRoom } from '../../server/rooms/room.js';
import { Doors } from '../support/doors.js';
import { HeldLog } from '../support/held-log.js';
import { MemoryRoomLog, MemoryStore } from '../support/memory-room-log.js';
import { annotate, updateOf } from '../support/people.js';

const room = roomName('layer', uuid());
const anna: Person = { id: uuid(), name: 'Anna' };

/** A server over this log, and what it told the others. */
function server(log: RoomLog): { rooms: Rooms; told: BusMessage[]; hear: (message: BusMessage) => void } {
  const told: BusMessage[] = [];
  const hears: ((message: BusMessage) => void)[] = [];
  const bus: Bus = {
    publish: (message) => void told.push(message),
    subscribe: (listener) => void hears.push(listener),
    close: () => Promise.resolve(),
  };
  const services = {
    log,
    queue: new CommitQueue(log, 1),
    access: { rights: () => rightsOf('reader') },
    clock: { now: () => Date.now() },
    shared: true,
    report: () => undefined,
  };
  return {
    rooms: new Rooms(services, bus),
    told,
    hear: (message) => {
      for (const hear of hears) hear(message);
    },
  };
}

const write = async (live: LiveRoom, doc = new Y.Doc()): Promise<void> => {
  const update = updateOf(doc, (changed) => annotate(changed, anna.id));
  expect(await live.submit(anna, { kind: 'update', update })).toMatchObject({ ok: true });
};

describe('servers that miss something', () => {
  it('[FAULT10] what another server tells while this one catches up is not forgotten', async () => {
    const store = new MemoryStore();
    const writer = await server(new MemoryRoomLog(store)).rooms.hold(room);
    await write(writer.room);
    const inner = new MemoryRoomLog(store);
    let duringSince = (): Promise<void> => Promise.resolve();
    const log: RoomLog = {
      load: (name) => inner.load(name),
      clients: (name, seq) => inner.clients(name, seq),
      head: (name) => inner.head(name),
      append: (batches) => inner.append(batches),
      since: async (name, seq) => {
        const answer = await inner.since(name, seq);
        await duringSince();
        return answer;
      },
    };
    const reader = server(log);
    const { room: live } = await reader.rooms.hold(room);
    await write(writer.room);
    duringSince = async () => {
      duringSince = () => Promise.resolve();
      await write(writer.room);
      reader.hear({ kind: 'commit', room, seq: 3 });
    };
    reader.hear({ kind: 'commit', room, seq: 2 });
    await vi.waitUntil(() => live.seq === 3);
  });

  it('[FAULT11] a commit whose answer was lost is told to the other servers, once it is seen to be there', async () => {
    const inner = new MemoryRoomLog(new MemoryStore());
    let loses = true;
    const log: RoomLog = {
      load: (name) => inner.load(name),
      clients: (name, seq) => inner.clients(name, seq),
      head: (name) => inner.head(name),
      since: (name, seq) => inner.since(name, seq),
      append: async (batches) => {
        const outcomes = await inner.append(batches);
        if (!loses) return outcomes;
        loses = false;
        throw new Error('the connection was lost');
      },
    };
    const { rooms, told } = server(log);
    const { room: live } = await rooms.hold(room);
    await write(live);
    expect(live.seq).toBe(1);
    expect(told).toContainEqual({ kind: 'commit', room, seq: 1 });
  });

  it('[FAULT12] of two servers that loaded an empty room both come to the epoch of who committed first', async () => {
    const store = new MemoryStore();
    const [here, there] = [server(new MemoryRoomLog(store)), server(new MemoryRoomLog(store))];
    const [first, second] = [await here.rooms.hold(room), await there.rooms.hold(room)];
    await write(first.room);
    there.hear({ kind: 'commit', room, seq: 1 });
    await vi.waitUntil(() => second.room.seq === 1);
    expect(second.room.epoch).toBe(first.room.epoch);
    await write(second.room);
    expect(store.rooms.get(room)?.batches.length).toBe(2);
  });
});

describe('rooms that are loaded and unloaded', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());
  const idle = 30_000;

  it('[FAULT13] a load that failed, and a message about it, end nothing; the next who comes is let in', async () => {
    const log = new HeldLog(new MemoryRoomLog(new MemoryStore()));
    const { rooms, hear } = server(log);
    log.away = new Error('the database is away');
    const holding = rooms.hold(room);
    hear({ kind: 'commit', room, seq: 1 });
    await expect(holding).rejects.toThrow('away');
    // An unhandled rejection would fail this test: it would end the process.
    await vi.advanceTimersByTimeAsync(2 * idle);
    log.away = null;
    expect((await rooms.hold(room)).room.seq).toBe(0);
  });

  it('[FAULT14] whoever comes while a room is unloaded gets the room that all others get', async () => {
    const log = new HeldLog(new MemoryRoomLog(new MemoryStore()));
    const { rooms } = server(log);
    const first = await rooms.hold(room);
    await write(first.room);
    first.release();
    // In the very turn in which the timer goes off, and in those after it.
    const comers = [vi.advanceTimersByTimeAsync(idle).then(() => rooms.hold(room))];
    for (let i = 0; i < 5; i++) {
      comers.push(rooms.hold(room));
      await Promise.resolve();
    }
    const held = await Promise.all(comers);
    expect(new Set(held.map(({ room: live }) => live)).size).toBe(1);
    await write((held[0] as (typeof held)[0]).room);
    expect(held.map(({ room: live }) => live.seq)).toEqual(held.map(() => 2));
    for (const { release } of held) release();
    await vi.advanceTimersByTimeAsync(idle);
    expect((await rooms.hold(room)).room).not.toBe(first.room);
  });

  it('[FAULT15] a room that catches up when it is to be unloaded is unloaded later', async () => {
    const store = new MemoryStore();
    const writer = await server(new MemoryRoomLog(store)).rooms.hold(room);
    await write(writer.room);
    const log = new HeldLog(new MemoryRoomLog(store));
    const { rooms, hear } = server(log);
    const held = await rooms.hold(room);
    held.release();
    log.away = new Error('the database is away');
    hear({ kind: 'commit', room, seq: 2 });
    await vi.advanceTimersByTimeAsync(idle);
    log.away = null;
    await vi.advanceTimersByTimeAsync(2 * idle);
    expect((await rooms.hold(room)).room).not.toBe(held.room);
  });
});

describe('a room that many join at once', () => {
  it('[FAULT16] joins over both doors while it is written in share one load, and nobody ends with less', async () => {
    const log = new HeldLog(new MemoryRoomLog(new MemoryStore()));
    const doors = await Doors.open({ log });
    const people = Array.from({ length: 8 }, (_, i) => doors.person(`Reader ${i}`));
    const joined = await Promise.all(
      people.map(async (person, i) => {
        const { doc } = i % 2 ? await doors.socketIo(person) : await doors.yWebsocket(person);
        return { doc, person };
      }),
    );
    expect(log.loads).toBe(1);
    const writer = await doors.socketIo(people[0] as Person);
    const answers = Array.from({ length: 10 }, () =>
      writer.change((doc) => annotate(doc, people[0]?.id ?? '')),
    );
    const late = await Promise.all(
      people.map(
        async (person, i) => (i % 2 ? await doors.yWebsocket(person) : await doors.socketIo(person)).doc,
      ),
    );
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ ok: true });
    const docs = [...joined.map(({ doc }) => doc), ...late];
    await vi.waitUntil(() => docs.every((doc) => doc.getMap('annotations').size === 10));
    expect(log.loads).toBe(1);
  });
});
