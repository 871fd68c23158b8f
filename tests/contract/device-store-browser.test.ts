import 'fake-indexeddb/auto';
import { openDB } from 'idb';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RoomName } from '#core/rooms.js';
import type { OutboxEntry } from '../../client/session/ports.js';
import { openStore } from '../../client/session/store.js';
import { deviceStoreContract } from './device-store.js';

// Node has no Web Locks: as in a browser on an address without https.
beforeEach(() => void vi.stubGlobal('navigator', {}));
afterEach(() => void vi.unstubAllGlobals());

deviceStoreContract('in IndexedDB', openStore);

const room: RoomName = 'layer:01900000-0000-7000-8000-00000000000a';
const entry: OutboxEntry = { id: '1', room, at: 1, update: new Uint8Array([0, 0]), writes: [], loose: false };

it('[DEVICE7] what is kept is there for the next page of the same person, and for nobody else', async () => {
  const store = await openStore('anna');
  expect(store.lasting).toBe(true);
  await store.keep(entry);
  await store.close();
  expect(await (await openStore('anna')).outbox(room)).toEqual([entry]);
  expect(await (await openStore('ben')).outbox(room)).toEqual([]);
});

it('[DEVICE8] a database of a later version is dropped, and the words in it that can be read are kept', async () => {
  const later = await openDB('marginalia-later', 99, {
    upgrade(database) {
      database.createObjectStore('outbox', { keyPath: 'id' });
      database.createObjectStore('drafts', { keyPath: 'id' });
      database.createObjectStore('something new');
    },
  });
  await later.put('outbox', entry);
  await later.put('outbox', { id: '2', other: 'shape' });
  await later.put('drafts', { id: 'd', room, code: 'shape', at: 1 });
  later.close();
  const store = await openStore('later');
  expect(store.lasting).toBe(true);
  expect(await store.outbox(room)).toEqual([{ ...entry, loose: true }]);
  expect(await store.drafts()).toHaveLength(1);
});

it('[DEVICE8] where the browser keeps nothing, the page still has a store, and it says so', async () => {
  vi.stubGlobal('indexedDB', undefined);
  const store = await openStore('nobody');
  expect(store.lasting).toBe(false);
  await store.keep(entry);
  expect(await store.outbox(room)).toEqual([entry]);
});
