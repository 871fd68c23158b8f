/**
 * The log of the rooms in PostgreSQL, embedded or not. Reading takes no transaction, which would hold the embedded
 * database's one connection: rows are only ever added, and what compaction takes away leaves a gap that is noticed.
 */

import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import type { LoadedRoom, RoomLog } from '../rooms/ports.js';
import { append } from './append.js';
import type { Database } from './open.js';
import { readClients, readHead, readLog } from './read-log.js';
import { readSnapshot, writeSnapshot } from './snapshots.js';

export function createRoomLog({ pool }: Pick<Database, 'pool'>): RoomLog {
  return {
    load: (room) => load(pool, room),
    since: (room, seq) => since(pool, room, seq),
    head: async (room) => (await readHead(pool, room)).seq,
    append: (batches) => append(pool, batches),
    snapshot: (room, seq, state) => writeSnapshot(pool, room, seq, state),
  };
}

async function load(pool: Pool, room: string): Promise<LoadedRoom> {
  // Another server may put a newer snapshot in place meanwhile, and once more while we look again; not for ever.
  for (let attempt = 0; attempt < 5; attempt++) {
    const loaded = await tryToLoad(pool, room);
    if (loaded) return loaded;
  }
  throw new Error(`The log of ${room} has a gap`);
}

async function tryToLoad(pool: Pool, room: string): Promise<LoadedRoom | null> {
  const snapshot = await readSnapshot(pool, room);
  if (snapshot === 'replaced') return null;
  const { epoch, seq } = await readHead(pool, room);
  if (epoch === null) return { epoch: freshEpoch(), seq: 0, updates: [], clients: new Map(), tail: 0 };
  const batches = await readLog(pool, room, snapshot?.seq ?? 0, seq);
  if (batches === null) return null;
  const tail = batches.flatMap(({ updates }) => updates);
  const clients = await readClients(pool, room, 0, seq);
  return {
    epoch,
    seq,
    updates: snapshot ? [snapshot.state, ...tail] : tail,
    clients: new Map(clients.map(({ client, person }) => [client, person])),
    tail: tail.length,
  };
}

const freshEpoch = () => randomBytes(8).toString('hex');

async function since(pool: Pool, room: string, seq: number): ReturnType<RoomLog['since']> {
  const head = await readHead(pool, room);
  const batches = await readLog(pool, room, seq, head.seq);
  if (batches === null || batches.length === 0) return batches === null ? null : [];
  const bound = await readClients(pool, room, seq, head.seq);
  return batches.map((batch) => {
    const own = bound.filter((client) => client.seq === batch.seq);
    return { ...batch, clients: new Map(own.map(({ client, person }) => [client, person])) };
  });
}
