import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness';
import { describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import type { Bus, BusMessage } from '../../server/rooms/ports.js';
import type { Presence } from '../../core/wire.js';
import { isPresenceId, RoomPresence } from '../../server/rooms/presence.js';
import * as protocol from '../../server/sockets/y-protocol.js';
import { Doors } from '../support/doors.js';

/** Two servers' ends of one messenger. */
function buses(): [Bus, Bus] {
  const listeners: ((message: BusMessage) => void)[][] = [[], []];
  const end = (mine: number): Bus => ({
    publish: (message) => {
      const told = message.kind === 'presence' ? { ...message, from: String(mine) } : message;
      for (const listener of listeners[1 - mine] ?? []) listener(told);
    },
    subscribe: (listener) => void listeners[mine]?.push(listener),
    close: () => Promise.resolve(),
  });
  return [end(0), end(1)];
}
const others = (awareness: Awareness): Record<string, unknown>[] =>
  [...awareness.getStates()].flatMap(([id, state]) => (id === awareness.clientID ? [] : [state]));

describe('presence over both doors', () => {
  it('[DOOR11] readers on two servers see each other, and see each other go', async () => {
    const [first, second] = buses();
    const here = await Doors.open({ bus: first });
    const there = await Doors.open({ bus: second });
    const anna = here.person('Anna');
    const ben = there.person('Ben');
    const one = await here.yWebsocket(anna);
    one.awareness.setLocalState({ cursor: 3 });
    const wire = await there.socketIo(ben, here.room);
    const told = new Promise<Presence>((resolve) =>
      wire.socket.on('presence', (message: Presence) => message.people.length > 0 && resolve(message)),
    );
    wire.socket.emit('presence:set', { room: here.room, state: { cursor: 7 } });
    const [state] = await vi.waitUntil(() => {
      const found = others(one.awareness);
      return found.length > 0 && found;
    });
    expect(state).toMatchObject({ cursor: 7, user: { id: ben.id, name: 'Ben' } });
    const { people } = await told;
    expect(people.map(({ user }) => user.name)).toContain('Anna');
    wire.close();
    await vi.waitUntil(() => others(one.awareness).length === 0);
  });

  it('[DOOR12] of an echo nothing but its first bytes is read, and it changes nobody', async () => {
    const doors = await Doors.open();
    const read = vi.spyOn(protocol, 'readMessage');
    const set = vi.spyOn(RoomPresence.prototype, 'set');
    const readers = await Promise.all(
      ['Anna', 'Ben', 'Cleo'].map((name) => doors.yWebsocket(doors.person(name))),
    );
    const [writer] = readers;
    writer?.awareness.setLocalState({ cursor: 1 });
    await vi.waitUntil(() => others(readers[2]?.awareness ?? new Awareness(new Y.Doc())).length > 0);
    const wire = await doors.socketIo(doors.person('Dora'));
    await wire.join();
    for (const { awareness } of readers)
      for (const id of awareness.getStates().keys())
        if (id !== awareness.clientID) expect(isPresenceId(id)).toBe(true);
    expect(set.mock.contexts.length).toBeLessThanOrEqual(4);
    expect(read.mock.calls.every(([bytes]) => !isPresenceId(protocol.firstClient(bytes) ?? 0))).toBe(true);
    vi.restoreAllMocks();
  });

  it('[DOOR13] nobody is told of himself, and what is no state of his is passed over', async () => {
    const doors = await Doors.open();
    const anna = doors.person('Anna');
    const one = await doors.yWebsocket(anna);
    const wire = await doors.socketIo(doors.person('Ben'));
    const frames: Presence[] = [];
    wire.socket.on('presence', (message: Presence) => frames.push(message));
    one.awareness.setLocalState({ cursor: 5, user: { id: 'somebody', name: 'Else' } });
    await vi.waitUntil(() => frames.some(({ people }) => people.length > 0));
    expect(frames.at(-1)?.people).toMatchObject([
      { user: { id: anna.id, name: 'Anna' }, state: { cursor: 5 } },
    ]);
    wire.socket.emit('presence:set', { room: doors.room, state: { words: 'x'.repeat(2_000) } });
    wire.socket.emit('presence:set', { room: doors.room, state: { cursor: 8 } });
    await vi.waitUntil(() => others(one.awareness).length === 1);
    expect(others(one.awareness)).toMatchObject([{ cursor: 8, user: { name: 'Ben' } }]);
  });

  it('[WIRE6] an echo is known by the first client id of its message', () => {
    const awareness = new Awareness(new Y.Doc());
    awareness.setLocalState({ cursor: 1 });
    const own = protocol.writeAwareness([{ client: awareness.clientID, clock: 1, state: {} }]);
    expect(protocol.firstClient(own)).toBe(awareness.clientID);
    expect(protocol.firstClient(protocol.writeAwareness([]))).toBe(-1);
    expect(protocol.firstClient(protocol.writeSync('update', new Uint8Array([0, 0])))).toBeNull();
    expect(protocol.firstClient(new Uint8Array([1, 200]))).toBe(-1);
    expect(encodeAwarenessUpdate(awareness, [awareness.clientID]).length).toBeGreaterThan(0);
    awareness.destroy();
  });
});
