/** The newest state of each room, as it is handed out, in parts of a chunk each. `care.ts` makes them. */

import type { ClientBase, Pool } from 'pg';
import { framePieces, readPieces } from '#core/framing.js';
import type { StoredState } from '../rooms/ports.js';
import { chunkSize } from './append.js';
import { joined } from './read-log.js';

/** null: there is none. `replaced`: a newer one took its place while it was read. */
export async function readState(pool: Pool, room: string): Promise<StoredState | 'replaced' | null> {
  const { rows } = await pool.query<{ seq: number; parts: number }>({
    name: 'marginalia_state',
    text: `SELECT seq::float8, count(*)::int AS parts FROM room_states WHERE room = $1 GROUP BY seq ORDER BY seq DESC LIMIT 1`,
    values: [room],
  });
  const [newest] = rows;
  if (!newest) return null;
  const parts: Uint8Array[] = [];
  for (let part = 0; part < newest.parts; part++) {
    const found = await pool.query<{ bytes: Buffer }>({
      name: 'marginalia_state_part',
      text: 'SELECT bytes FROM room_states WHERE room = $1 AND seq = $2 AND part = $3',
      values: [room, newest.seq, part],
    });
    const [row] = found.rows;
    if (!row) return 'replaced';
    parts.push(row.bytes);
  }
  const [stateVector, deletions, pieces] = readPieces(joined(parts));
  if (!stateVector || !deletions || !pieces) throw new Error(`The stored state of ${room} is cut off`);
  return { seq: newest.seq, pieces, stateVector, deletions };
}

/**
 * In a transaction. Takes the place of an older state, and of none that is newer or another server's of the same seq:
 * then it says false. Throws when the log has not reached its seq.
 */
export async function writeState(client: ClientBase, room: string, state: StoredState): Promise<boolean> {
  const { seq, stateVector, deletions, pieces } = state;
  const { rows } = await client.query<{ head: number; newest: number }>(
    `SELECT seq::float8 AS head, (SELECT coalesce(max(seq), 0)::float8 FROM room_states WHERE room = $1) AS newest
     FROM rooms WHERE name = $1`,
    [room],
  );
  const [stands] = rows;
  if (!stands || stands.head < seq)
    throw new Error(`A state of ${room} at ${seq}, which its log has not reached`);
  if (stands.newest >= seq) return false;
  const bytes = framePieces([stateVector, deletions, pieces]);
  for (let part = 0, at = 0; at === 0 || at < bytes.length; part++, at += chunkSize) {
    const { rowCount } = await client.query(
      'INSERT INTO room_states (room, seq, part, bytes) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [
        room,
        seq,
        part,
        Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(chunkSize, bytes.length - at)),
      ],
    );
    // Another server was first with the same: parts of two must not mix.
    if (rowCount === 0) return false;
  }
  await client.query('DELETE FROM room_states WHERE room = $1 AND seq < $2', [room, seq]);
  return true;
}
