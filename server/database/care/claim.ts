/** Of several servers on one PostgreSQL one at a time looks after a room: an advisory lock, which dies with its holder. */

import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Database } from '../open.js';

/** Any number that is ours: the lock is this and a hash of the room's name. */
const family = 72707370;

const lockOf = (room: string): number => createHash('sha256').update(room).digest().readInt32BE(0);

/** Null, and nothing was done, when another server looks after this room. The embedded database has one server. */
export async function withClaim<T>(
  { pool, kind }: Pick<Database, 'pool' | 'kind'>,
  room: string,
  act: () => Promise<T>,
): Promise<{ done: T } | null> {
  if (kind === 'embedded') return { done: await act() };
  return onOneConnection(pool, async (query) => {
    const [won] = (await query<{ won: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS won', lockOf(room)))
      .rows;
    if (!won?.won) return null;
    try {
      return { done: await act() };
    } finally {
      await query('SELECT pg_advisory_unlock($1, $2)', lockOf(room));
    }
  });
}

type Query = <R extends object>(text: string, lock: number) => Promise<{ rows: R[] }>;

async function onOneConnection<T>(pool: Pool, act: (query: Query) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let lost: Error | undefined;
  // A connection that is lost gives its lock away: whoever takes it finds rows that are not as they were, and so do we.
  const onError = (error: Error): void => void (lost = error);
  client.on('error', onError);
  try {
    return await act(<R extends object>(text: string, lock: number) => client.query<R>(text, [family, lock]));
  } catch (error) {
    lost ??= error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.off('error', onError);
    // After a failure nobody knows whether it still holds the lock.
    client.release(lost);
  }
}
