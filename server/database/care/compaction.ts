/**
 * Moves rows of the log that are old, and that a stored state stands for, to the history, merged by person and minute.
 * The newest stay: servers catch up from them, and readers who come back.
 */

import { inTransaction } from '../transaction.js';
import { proceed, type Look } from './look.js';
import { readWindow, type Place } from './rows.js';
import type { Merged } from './workbench.js';

/** Answers how many rows were moved. */
export async function compact(look: Look, storedSeq: number): Promise<number> {
  const { database, thread, room } = look;
  const upTo = await oldUpTo(look, storedSeq);
  let count = 0;
  let at: Place = { seq: 0, part: -1 };
  while (upTo !== null) {
    proceed(look);
    const window = await readWindow(database.pool, 'room_log', room, at, upTo);
    if (!window) break;
    const merged = await thread.ask('merge', window);
    proceed(look);
    await move(look, merged);
    count += merged.taken;
    at = merged.last;
  }
  return count;
}

/** The newest batch that may go; null where there are too few. */
async function oldUpTo({ database, room, keep }: Look, storedSeq: number): Promise<number | null> {
  const { rows } = await database.pool.query<{ first: number | null; last: number | null }>(
    `SELECT (SELECT min(seq) FROM room_log WHERE room = $1)::float8 AS first, (
       SELECT seq FROM room_log
       WHERE room = $1 AND seq <= least($2, (SELECT seq FROM rooms WHERE name = $1) - $3::bigint)
         AND at < now() - $4::float8 * interval '1 millisecond'
       ORDER BY seq DESC LIMIT 1)::float8 AS last`,
    [room, storedSeq, keep.batches, keep.milliseconds],
  );
  const { first = null, last = null } = rows[0] ?? {};
  return first !== null && last !== null && last - first + 1 >= keep.least ? last : null;
}

async function move({ database, room }: Look, { rows, packed, taken, last }: Merged): Promise<void> {
  await inTransaction(database.pool, async (client) => {
    await client.query(
      `INSERT INTO room_history (room, seq, part, to_seq, "update", more, person, minute)
       SELECT $1, seq, part, to_seq, substring($2::bytea FROM start FOR length), more, person,
         to_timestamp(minute / 1000)
       FROM unnest($3::bigint[], $4::int[], $5::bigint[], $6::int[], $7::int[], $8::boolean[], $9::text[], $10::float8[])
         AS moved (seq, part, to_seq, start, length, more, person, minute)`,
      [
        room,
        Buffer.from(packed.bytes.buffer),
        rows.map(({ seq }) => seq),
        rows.map(({ part }) => part),
        rows.map(({ toSeq }) => toSeq),
        packed.starts,
        packed.lengths,
        rows.map(({ more }) => more),
        rows.map(({ person }) => person),
        rows.map(({ minute }) => minute),
      ],
    );
    const { rowCount } = await client.query(
      'DELETE FROM room_log WHERE room = $1 AND (seq, part) <= ($2::bigint, $3::int)',
      [room, last.seq, last.part],
    );
    if (rowCount !== taken) throw new Error(`rows of ${room} are gone: another server looks after it`);
  });
}
