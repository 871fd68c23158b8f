/** What every device store does, whatever it keeps things in. */

import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { rightsOf } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import type { DeviceStore, Head, OutboxEntry } from '../../client/session/ports.js';
import type { Draft } from '../../client/session/types.js';

const room: RoomName = 'layer:01900000-0000-7000-8000-00000000000a';
const other: RoomName = 'layer:01900000-0000-7000-8000-00000000000b';
const head = (seq: number, client: number | null = null): Head => ({
  epoch: 'one',
  seq,
  may: rightsOf('reader'),
  client,
});

/** One update after the other, each setting one key. */
function updates(count: number): Uint8Array[] {
  const doc = new Y.Doc();
  const made: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => void made.push(update));
  for (let i = 0; i < count; i++) doc.getMap('m').set(`${i}`, i);
  return made;
}

const entry = (
  id: string,
  update: Uint8Array = new Uint8Array([0, 0]),
  where: RoomName = room,
): OutboxEntry => ({
  id,
  room: where,
  at: 1,
  update,
  writes: [{ map: 'annotations', key: id, value: { start: new Uint8Array([1, 2]) } }],
  loose: false,
});
const draft = (id: string, at = 1): Draft => ({ id, room, code: 'shape', at, text: 'words' });

/** @param open opens the store of one user; the same user's again after it was closed. */
export function deviceStoreContract(name: string, open: (user: string) => Promise<DeviceStore>): void {
  let users = 0;
  const fresh = (): Promise<DeviceStore> => open(`${name} ${++users}`);

  describe(name, () => {
    it('[DEVICE1] a room that was never seen is empty', async () => {
      const store = await fresh();
      expect(await store.load(room)).toEqual({ head: null, updates: [], tail: 0, outbox: [] });
      expect(await store.waiting()).toEqual([]);
      expect(await store.drafts()).toEqual([]);
    });

    it('[DEVICE1] gives back pieces, tail and head, room by room', async () => {
      const store = await fresh();
      const [a, b, c, d] = updates(4) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      await store.receive(room, head(1), [a, b], null);
      await store.receive(room, head(2), [c], 1);
      await store.receive(other, head(7), [d], null);
      expect(await store.load(room)).toEqual({ head: head(2), updates: [a, b, c], tail: 1, outbox: [] });
      await store.receive(room, { ...head(1), epoch: 'two' }, [d], null);
      expect(await store.load(room)).toMatchObject({ head: { epoch: 'two', seq: 1 }, updates: [d], tail: 0 });
      expect(await store.load(other)).toMatchObject({ head: { seq: 7 }, updates: [d] });
    });

    it('[DEVICE2] keeps the client id until another one is told or the copy is dropped', async () => {
      const store = await fresh();
      await store.receive(room, head(1, 5), [], null);
      await store.receive(room, head(2), [], 1);
      expect((await store.load(room)).head?.client).toBe(5);
      await store.receive(room, head(3, 6), [], 2);
      expect((await store.load(room)).head?.client).toBe(6);
      await store.drop(room, []);
      await store.receive(room, head(1), [], null);
      expect((await store.load(room)).head?.client).toBeNull();
    });

    it('[DEVICE9] is whole up to the batch after which something is missing, and no further', async () => {
      const store = await fresh();
      const [a, b, c, d] = updates(4) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      const seq = async (): Promise<number | undefined> => (await store.load(room)).head?.seq;
      await store.receive(room, head(1), [a], null);
      // Batch 2 was not kept.
      await store.receive(room, head(3), [c], 2);
      expect(await seq()).toBe(1);
      await store.acknowledge(room, head(4), [entry('1', d)], 3);
      expect(await seq()).toBe(1);
      // Now all is there that came since 1; and what another tab adds that lags behind takes nothing back.
      await store.receive(room, head(4), [b, c, d], 1);
      await store.receive(room, head(2), [b], 1);
      expect(await seq()).toBe(4);
      await store.acknowledge(room, head(5), [entry('2', d)], 4);
      expect(await seq()).toBe(5);
    });

    it('[DEVICE9] takes nothing of another epoch, nor where no copy is kept', async () => {
      const store = await fresh();
      const [a, b] = updates(2) as [Uint8Array, Uint8Array];
      await store.receive(room, head(2), [b], 1);
      await store.keep(entry('1', b));
      await store.acknowledge(room, head(2), [entry('1', b)], 1);
      expect(await store.load(room)).toEqual({ head: null, updates: [], tail: 0, outbox: [] });
      await store.receive(room, head(1), [a], null);
      await store.receive(room, { ...head(2), epoch: 'two' }, [b], 1);
      expect(await store.load(room)).toMatchObject({ head: head(1), updates: [a] });
    });

    it('[DEVICE3] an entry goes from the outbox to the tail when it is acknowledged, and only then', async () => {
      const store = await fresh();
      const [a, b] = updates(2) as [Uint8Array, Uint8Array];
      await store.receive(room, head(0), [], null);
      await store.keep(entry('2', b));
      await store.keep(entry('1', a));
      expect((await store.load(room)).outbox).toEqual([entry('1', a), entry('2', b)]);
      expect(await store.outbox(room)).toEqual([entry('1', a), entry('2', b)]);
      expect(await store.waiting()).toEqual([room]);
      await store.acknowledge(room, head(1), [entry('1', a)], 0);
      expect(await store.load(room)).toEqual({
        head: head(1),
        updates: [a],
        tail: 1,
        outbox: [entry('2', b)],
      });
      await store.acknowledge(room, null, [entry('2', b)]);
      expect(await store.load(room)).toEqual({ head: head(1), updates: [a], tail: 1, outbox: [] });
    });

    it('[DEVICE3] an entry of a known id replaces it', async () => {
      const store = await fresh();
      await store.keep({ ...entry('1'), loose: true });
      await store.keep(entry('1', new Uint8Array([1])));
      expect(await store.outbox(room)).toEqual([entry('1', new Uint8Array([1]))]);
    });

    it('[DEVICE4] refused entries become their drafts, and only of those that are still there', async () => {
      const store = await fresh();
      await store.keep(entry('1'));
      const refused = new Map([
        ['1', [draft('1.0', 2), draft('1.1', 1)]],
        ['gone', [draft('gone.0')]],
      ]);
      expect(await store.refuse(room, refused)).toEqual(new Set(['1']));
      expect(await store.drafts()).toEqual([draft('1.1', 1), draft('1.0', 2)]);
      expect(await store.outbox(room)).toEqual([]);
      expect(await store.refuse(room, refused)).toEqual(new Set());
    });

    it('[DEVICE4] drops a copy and loosens entries, each once', async () => {
      const store = await fresh();
      await store.receive(room, head(1), updates(2), null);
      await store.receive(other, head(1), updates(2), null);
      await store.keep(entry('1'));
      await store.keep(entry('2'));
      await store.keep(entry('3', undefined, other));
      expect(await store.drop(room, ['1', 'gone'])).toEqual(new Set(['1']));
      expect(await store.drop(room, ['1'])).toEqual(new Set());
      expect(await store.load(room)).toEqual({
        head: null,
        updates: [],
        tail: 0,
        outbox: [{ ...entry('1'), loose: true }, entry('2')],
      });
      expect(await store.load(other)).toMatchObject({ head: { seq: 1 }, outbox: [{ id: '3' }] });
    });

    it('[DEVICE5] drafts are taken by one, all or none, and leave an entry in their place', async () => {
      const store = await fresh();
      await store.keep(entry('1'));
      await store.refuse(room, new Map([['1', [draft('a'), draft('b')]]]));
      expect(await store.takeDrafts(['a', 'gone'], entry('2'))).toBe(false);
      expect(await store.drafts()).toHaveLength(2);
      expect(await store.outbox(room)).toEqual([]);
      expect(await store.takeDrafts(['a', 'b'], entry('2'))).toBe(true);
      expect(await store.takeDrafts(['a', 'b'], entry('3'))).toBe(false);
      expect(await store.drafts()).toEqual([]);
      expect(await store.outbox(room)).toEqual([entry('2')]);
    });

    it('[DEVICE6] one piece is made of the tail, and it says the same', async () => {
      const store = await fresh();
      const all = updates(30);
      await store.receive(room, head(1), all.slice(0, 3), null);
      for (const update of all.slice(3)) await store.receive(room, head(2), [update], 1);
      expect((await store.load(room)).tail).toBe(27);
      await store.compact(room);
      const { updates: kept, tail } = await store.load(room);
      expect(tail).toBe(0);
      const doc = new Y.Doc();
      for (const update of kept) Y.applyUpdate(doc, update);
      expect(Y.encodeStateVector(doc)).toEqual(Y.encodeStateVectorFromUpdate(Y.mergeUpdates(all)));
      expect(doc.getMap('m').size).toBe(30);
    });
  });
}
