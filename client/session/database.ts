/** The IndexedDB database of one person: its shape, and what happens when it cannot be opened as it is. */

import { deleteDB, openDB, type DBSchema, type IDBPDatabase, type StoreNames } from 'idb';
import type { Head, OutboxEntry } from './ports.js';
import type { Draft } from './types.js';

export interface Schema extends DBSchema {
  rooms: { key: string; value: Head };
  /** Pieces as the server sent them, and the tail, in the order in which they came. */
  updates: {
    key: number;
    value: { room: string; bytes: Uint8Array; tail: boolean };
    indexes: { room: string };
  };
  outbox: { key: string; value: OutboxEntry; indexes: { room: string } };
  drafts: { key: string; value: Draft };
}
export type Database = IDBPDatabase<Schema>;

const version = 1;

export function openDatabase(name: string): Promise<Database> {
  return openDB<Schema>(name, version, {
    upgrade(database) {
      database.createObjectStore('rooms');
      database.createObjectStore('updates', { autoIncrement: true }).createIndex('room', 'room');
      database.createObjectStore('outbox', { keyPath: 'id' }).createIndex('room', 'room');
      database.createObjectStore('drafts', { keyPath: 'id' });
    },
    // A later version of this page wants to change the database: it must not wait for us.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
}

/** The database is of a later version, or damaged: only my own words are carried over, where they can be read. */
export async function startAnew(name: string): Promise<Database> {
  const { outbox, drafts } = await readWords(name).catch(() => ({ outbox: [], drafts: [] }));
  await deleteDB(name);
  const database = await openDatabase(name);
  const transaction = database.transaction(['outbox', 'drafts'], 'readwrite');
  await Promise.all([
    ...outbox.map((entry) => transaction.objectStore('outbox').put({ ...entry, loose: true })),
    ...drafts.map((draft) => transaction.objectStore('drafts').put(draft)),
    transaction.done,
  ]);
  return database;
}

async function readWords(name: string): Promise<{ outbox: OutboxEntry[]; drafts: Draft[] }> {
  const database = await openDB<Schema>(name);
  try {
    const has = (store: StoreNames<Schema>): boolean => database.objectStoreNames.contains(store);
    const outbox = has('outbox') ? await database.getAll('outbox') : [];
    const drafts = has('drafts') ? await database.getAll('drafts') : [];
    return { outbox: outbox.filter(isEntry), drafts: drafts.filter(isDraft) };
  } finally {
    database.close();
  }
}

const isEntry = (entry: Partial<OutboxEntry>): boolean =>
  typeof entry.id === 'string' &&
  typeof entry.room === 'string' &&
  typeof entry.at === 'number' &&
  entry.update instanceof Uint8Array &&
  Array.isArray(entry.writes);

const isDraft = (draft: Partial<Draft>): boolean =>
  typeof draft.id === 'string' && typeof draft.room === 'string' && typeof draft.code === 'string';
