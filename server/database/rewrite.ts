/**
 * Writes files of the embedded database anew, so that what was taken out of its rows is in none of them. A plain VACUUM
 * only says that the space of an old row is free: its bytes stay there until another row happens to be put over them,
 * and in the write-ahead log until its files happen to be used again.
 */

import type { ClientBase } from 'pg';

/** Every table whose rows have held readers' words. */
const tables = ['room_log', 'room_history', 'room_states', 'annotations', 'comments'];

export interface Due {
  /** Of the newest cleansing, as PostgreSQL writes it. */
  readonly since: string;
  /** Milliseconds since then. */
  readonly age: number;
}

export async function rewriteDue(client: ClientBase): Promise<Due | null> {
  const { rows } = await client.query<Due>(
    `SELECT since::text, extract(epoch FROM now() - since)::float8 * 1000 AS age FROM chores WHERE name = 'rewrite'`,
  );
  return rows[0] ?? null;
}

export async function rewrite(client: ClientBase, { since }: Due): Promise<void> {
  for (const table of tables) await client.query(`VACUUM (FULL, ANALYZE) ${table}`);
  // Files of the log that are left behind are removed instead of being kept, as they are, for later use.
  await client.query('SET wal_recycle = off');
  try {
    await client.query('SELECT pg_switch_wal()');
    await client.query('CHECKPOINT');
  } finally {
    await client.query('RESET wal_recycle');
  }
  // Not where words were taken out of a row meanwhile: then it is done once more.
  await client.query(`DELETE FROM chores WHERE name = 'rewrite' AND since = $1::timestamptz`, [since]);
}
