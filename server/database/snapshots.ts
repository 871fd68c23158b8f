/** Snapshots of rooms: the newest only, in parts of a chunk each. */

import type { Pool } from 'pg';
import { chunkSize } from './append.js';
import { joined } from './read-log.js';
import { inTransaction } from './transaction.js';

export interface Snapshot {
  readonly seq: number;
  readonly state: Uint8Array;
}

/** null: there is none. `replaced`: a newer one took its place while it was read. */
export async function readSnapshot(pool: Pool, room: string): Promise<Snapshot | 'replaced' | null> {
  const { rows } = await pool.query<{ seq: number; parts: number }>({
    name: 'marginalia_snapshot',
    text: `SELECT seq::float8, count(*)::int AS parts FROM snapshots WHERE room = $1 GROUP BY seq ORDER BY seq DESC LIMIT 1`,
    values: [room],
  });
  const [newest] = rows;
  if (!newest) return null;
  const pieces: Uint8Array[] = [];
  for (let part = 0; part < newest.parts; part++) {
    const found = await pool.query<{ state: Buffer }>({
      name: 'marginalia_snapshot_part',
      text: 'SELECT state FROM snapshots WHERE room = $1 AND seq = $2 AND part = $3',
      values: [room, newest.seq, part],
    });
    const [piece] = found.rows;
    if (!piece) return 'replaced';
    pieces.push(new Uint8Array(piece.state));
  }
  return { seq: newest.seq, state: joined(pieces) };
}

/** Leaves a newer snapshot, or another server's of the same seq, in its place. */
export async function writeSnapshot(pool: Pool, room: string, seq: number, state: Uint8Array): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ head: number; newest: number }>(
      `SELECT seq::float8 AS head, (SELECT coalesce(max(seq), 0)::float8 FROM snapshots WHERE room = $1) AS newest
       FROM rooms WHERE name = $1`,
      [room],
    );
    const [stands] = rows;
    if (!stands || stands.head < seq)
      throw new Error(`A snapshot of ${room} at ${seq}, which its log has not reached`);
    if (stands.newest >= seq) return;
    for (let part = 0, at = 0; at === 0 || at < state.length; part++, at += chunkSize) {
      const { rowCount } = await client.query(
        'INSERT INTO snapshots (room, seq, part, state) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
        [room, seq, part, Buffer.from(state.subarray(at, at + chunkSize))],
      );
      // Another server was first with the same: parts of two must not mix.
      if (rowCount === 0) return;
    }
    await client.query('DELETE FROM snapshots WHERE room = $1 AND seq < $2', [room, seq]);
  });
}
