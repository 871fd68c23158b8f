/**
 * What this browser keeps of one person's rooms, in IndexedDB: a database a person. All tabs share it; the first one
 * holds a Web Lock and may write on under the client ids of the last visit. Every tab has a Y.Doc of its own and its
 * own entries in the outbox; what a tab leaves there, another one sends.
 */

import type { RoomName } from '#core/rooms.js';
import type { IDBPObjectStore, StoreNames } from 'idb';
import * as Y from 'yjs';
import { openDatabase, startAnew, type Database, type Schema } from './database.js';
import { FirstTab } from './first-tab.js';
import { headAfter } from './head.js';
import { MemoryStore } from './memory-store.js';
import type { DeviceStore, Head, OutboxEntry, StoredRoom } from './ports.js';
import type { Draft } from './types.js';

/** Never rejects: where the browser keeps nothing, the store lives in this page only, and says so. */
export async function openStore(user: string): Promise<DeviceStore> {
  const name = `marginalia-${user}`;
  const first = new FirstTab(`marginalia:${user}`);
  try {
    const database = await openDatabase(name).catch(() => first.alone(() => startAnew(name)));
    await first.ask();
    return new BrowserStore(database, first);
  } catch {
    first.end();
    return new MemoryStore();
  }
}

class BrowserStore implements DeviceStore {
  readonly lasting = true;
  readonly #database: Database;
  readonly #tab: FirstTab;

  constructor(database: Database, tab: FirstTab) {
    this.#database = database;
    this.#tab = tab;
  }

  first(): boolean {
    return this.#tab.held;
  }

  async waiting(): Promise<readonly RoomName[]> {
    const entries = await this.#database.getAll('outbox');
    return [...new Set(entries.map(({ room }) => room))];
  }

  async load(room: RoomName): Promise<StoredRoom> {
    const transaction = this.#database.transaction(['rooms', 'updates', 'outbox']);
    const [head, updates, outbox] = await Promise.all([
      transaction.objectStore('rooms').get(room),
      transaction.objectStore('updates').index('room').getAll(room),
      transaction.objectStore('outbox').index('room').getAll(room),
    ]);
    return {
      head: head ?? null,
      updates: updates.map(({ bytes }) => bytes),
      tail: updates.filter(({ tail }) => tail).length,
      outbox,
    };
  }

  outbox(room: RoomName): Promise<readonly OutboxEntry[]> {
    return this.#database.getAllFromIndex('outbox', 'room', room);
  }

  async receive(
    room: RoomName,
    head: Head,
    updates: readonly Uint8Array[],
    after: number | null,
  ): Promise<void> {
    await this.#write(['rooms', 'updates'], async (store) => {
      if (after === null) {
        await forget(store, room);
        await store('rooms').put(head, room);
      } else if (!(await advance(store, room, head, after))) return;
      for (const bytes of updates) await store('updates').add({ room, bytes, tail: after !== null });
    });
  }

  keep(entry: OutboxEntry): Promise<void> {
    // Strict: a client id may only be written on if nothing that was sent under it can be lost here.
    return this.#write(['outbox'], async (store) => void (await store('outbox').put(entry)), 'strict');
  }

  async acknowledge(
    room: RoomName,
    head: Head | null,
    entries: readonly OutboxEntry[],
    after = head?.seq ?? 0,
  ): Promise<void> {
    await this.#write(['rooms', 'updates', 'outbox'], async (store) => {
      for (const { id } of entries) await store('outbox').delete(id);
      if (!head || !(await advance(store, room, head, after))) return;
      for (const { update } of entries) await store('updates').add({ room, bytes: update, tail: true });
    });
  }

  refuse(_: RoomName, refused: ReadonlyMap<string, readonly Draft[]>): Promise<ReadonlySet<string>> {
    return this.#write(['outbox', 'drafts'], async (store) => {
      const found = new Set<string>();
      for (const [id, drafts] of refused) {
        if (!(await store('outbox').getKey(id))) continue;
        found.add(id);
        await store('outbox').delete(id);
        for (const draft of drafts) await store('drafts').put(draft);
      }
      return found;
    });
  }

  drop(room: RoomName, loosen: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#write(['rooms', 'updates', 'outbox'], async (store) => {
      await forget(store, room);
      const found = new Set<string>();
      for (const id of loosen) {
        const entry = await store('outbox').get(id);
        if (!entry || entry.loose) continue;
        found.add(id);
        await store('outbox').put({ ...entry, loose: true });
      }
      return found;
    });
  }

  async drafts(): Promise<readonly Draft[]> {
    const drafts = await this.#database.getAll('drafts');
    return drafts.sort((a, b) => a.at - b.at);
  }

  takeDrafts(ids: readonly string[], entry: OutboxEntry | null): Promise<boolean> {
    return this.#write(['outbox', 'drafts'], async (store) => {
      for (const id of ids) if (!(await store('drafts').getKey(id))) return false;
      for (const id of ids) await store('drafts').delete(id);
      if (entry) await store('outbox').put(entry);
      return true;
    });
  }

  async compact(room: RoomName): Promise<void> {
    await this.#write(['updates'], async (store) => {
      const updates = store('updates');
      const rows = await updates.index('room').getAll(room);
      const keys = await updates.index('room').getAllKeys(room);
      const tail = rows.filter((row) => row.tail);
      if (tail.length === 0) return;
      // In the transaction, so that another tab's rows are neither lost nor merged twice; a tail is some 500 small ones.
      const bytes = Y.mergeUpdates(tail.map((row) => row.bytes));
      for (const [index, key] of keys.entries()) if (rows[index]?.tail) await updates.delete(key);
      await updates.add({ room, bytes, tail: false });
    });
  }

  close(): Promise<void> {
    // Transactions that have begun still end.
    this.#database.close();
    this.#tab.end();
    return Promise.resolve();
  }

  /** All or nothing. `strict`: on the disk when it resolves. */
  async #write<const N extends StoreNames<Schema>, T>(
    names: readonly N[],
    work: (store: Writing) => Promise<T>,
    durability: IDBTransactionDurability = 'relaxed',
  ): Promise<T> {
    const all = names as readonly StoreNames<Schema>[];
    const transaction = this.#database.transaction(all, 'readwrite', { durability });
    const worked = work((name) => transaction.objectStore(name)).catch((error: unknown) => {
      if (!transaction.error) transaction.abort();
      throw error;
    });
    const [result] = await Promise.all([worked, transaction.done]);
    return result;
  }
}

/** The object stores of a transaction that may change them. */
type Writing = <N extends StoreNames<Schema>>(
  name: N,
) => IDBPObjectStore<Schema, StoreNames<Schema>[], N, 'readwrite'>;

async function forget(store: Writing, room: RoomName): Promise<void> {
  await store('rooms').delete(room);
  for (const key of await store('updates').index('room').getAllKeys(room)) await store('updates').delete(key);
}

/** Puts the head of what grows. Returns false where what is kept is no copy of the same room: it takes nothing. */
async function advance(store: Writing, room: RoomName, head: Head, after: number): Promise<boolean> {
  const kept = await store('rooms').get(room);
  if (kept?.epoch !== head.epoch) return false;
  await store('rooms').put(headAfter(kept, head, after), room);
  return true;
}
