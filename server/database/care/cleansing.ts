/** Takes the words of removed things out of a room's rows: those of the log, and those of its history. */

import { inTransaction } from '../transaction.js';
import { proceed, type Look } from './look.js';
import { readWindow, type Place, type Table } from './rows.js';
import type { Rewritten } from './workbench.js';

const beginning: Place = { seq: 0, part: -1 };

/**
 * The thread has the document as of `seq`. Rows after it hold no words of what was removed up to it: a late edit is
 * blanked in the transaction that takes it. Answers how many rows were written anew.
 */
export async function cleanseRows(look: Look, seq: number): Promise<number> {
  const { database, thread, room } = look;
  const removed = await thread.ask('removed', undefined);
  let count = 0;
  if (removed > 0)
    for (const table of ['room_history', 'room_log'] as const) {
      let at = beginning;
      for (;;) {
        proceed(look);
        const window = await readWindow(database.pool, table, room, at, seq);
        if (!window) break;
        const rewritten = await thread.ask('cleanse', window);
        if (rewritten.places.length > 0) await write(look, table, rewritten);
        count += rewritten.places.length;
        at = rewritten.last;
      }
    }
  // The old versions of the rows, those of the projection too, still lie in the files: `rewrite.ts` sees to it.
  await database.pool.query(
    `WITH cleansed AS (UPDATE rooms SET uncleansed = NULL WHERE name = $1 AND uncleansed <= $2 RETURNING name)
     INSERT INTO chores (name) SELECT 'rewrite' FROM cleansed WHERE $3
     ON CONFLICT (name) DO UPDATE SET since = excluded.since`,
    [room, seq, removed > 0],
  );
  return count;
}

async function write({ database, room }: Look, table: Table, { places, packed }: Rewritten): Promise<void> {
  await inTransaction(database.pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE ${table} AS stored SET "update" = substring($2::bytea FROM start FOR length)
       FROM unnest($3::bigint[], $4::int[], $5::int[], $6::int[]) AS new (seq, part, start, length)
       WHERE room = $1 AND stored.seq = new.seq AND stored.part = new.part`,
      [
        room,
        Buffer.from(packed.bytes.buffer),
        places.map(({ seq }) => seq),
        places.map(({ part }) => part),
        packed.starts,
        packed.lengths,
      ],
    );
    if (rowCount !== places.length)
      throw new Error(`rows of ${room} are gone: another server looks after it`);
  });
}
