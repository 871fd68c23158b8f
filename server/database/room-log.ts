/**
 * The log of the rooms in PostgreSQL, embedded or not. Reading takes no transaction, which would hold the embedded
 * database's one connection: rows are only ever added, and what compaction takes away leaves a gap that is noticed.
 */

import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import type { LoadedRoom, RoomLog } from '../rooms/ports.js';
import { append } from './append.js';
import type { Database } from './open.js';
import { type BoundClient, readClients, readHead, readLog } from './read-log.js';
import { readState } from './stored-states.js';

export function createRoomLog({ pool }: Pick<Database, 'pool'>): RoomLog {
  return {
    load: (room) => load(pool, room),
    clients: async (room, seq) => ownersOf(await readClients(pool, room, 0, seq)),
    since: (room, seq) => since(pool, room, seq),
    head: async (room) => (await readHead(pool, room)).seq,
    append: (batches) => append(pool, batches),
  };
}

async function load(pool: Pool, room: string): Promise<LoadedRoom> {
  // Another server may put a newer state in place meanwhile, and once more while we look again; not for ever.
  for (let attempt = 0; attempt < 5; attempt++) {
    const loaded = await tryToLoad(pool, room);
    if (loaded) return loaded;
  }
  throw new Error(`The log of ${room} has a gap`);
}

async function tryToLoad(pool: Pool, room: string): Promise<LoadedRoom | null> {
  const stored = await readState(pool, room);
  if (stored === 'replaced') return null;
  const { epoch, seq, uncleansed } = await readHead(pool, room);
  if (epoch === null) return { epoch: freshEpoch(), seq: 0, stored: null, tail: [], uncleansed: false };
  const reached = stored?.seq ?? 0;
  const tail = await readLog(pool, room, reached, seq);
  // Yjs keeps nothing of what is deleted: a state that was made after a removal is clean.
  return tail && { epoch, seq, stored, tail, uncleansed: uncleansed !== null && uncleansed > reached };
}

const freshEpoch = () => randomBytes(8).toString('hex');

async function since(pool: Pool, room: string, seq: number): ReturnType<RoomLog['since']> {
  const head = await readHead(pool, room);
  const batches = await readLog(pool, room, seq, head.seq);
  if (batches === null || batches.length === 0) return batches === null ? null : [];
  const bound = await readClients(pool, room, seq, head.seq);
  return batches.map((batch) => {
    return { ...batch, clients: ownersOf(bound.filter((client) => client.seq === batch.seq)) };
  });
}

const ownersOf = (bound: readonly BoundClient[]): ReadonlyMap<number, string> =>
  new Map(bound.map(({ client, person }) => [client, person]));
