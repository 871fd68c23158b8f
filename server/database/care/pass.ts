/**
 * One look after one room: a newer state where one is due, the words of removed things out of every row, old rows into
 * the history. Each step is safe by itself: whoever fails between two of them does the rest at the next look. While it
 * runs the room goes on; what is committed meanwhile is left for the next look.
 */

import type { StoredState } from '../../rooms/ports.js';
import { readHead } from '../read-log.js';
import { readState, writeState } from '../stored-states.js';
import { inTransaction } from '../transaction.js';
import { cleanseRows } from './cleansing.js';
import { compact } from './compaction.js';
import { proceed, type Look } from './look.js';
import { readWindow, type Place } from './rows.js';

export interface Looked {
  /** Of the state that is stored now; null: none. */
  readonly stored: { readonly seq: number; readonly bytes: number } | null;
  readonly made: boolean;
  readonly cleansed: number;
  readonly compacted: number;
}

/** A tail that makes a new state worth its while. */
export const longTail = { bytes: 64 * 1024, share: 1 / 8, parts: 2_000 };

export const isLong = (tail: { parts: number; bytes: number }, storedBytes: number): boolean =>
  tail.parts > longTail.parts || tail.bytes > Math.max(longTail.bytes, storedBytes * longTail.share);

/** Throws when the database or the thread fails, or the log is not whole. */
export async function lookAfter(look: Look): Promise<Looked> {
  const { pool } = look.database;
  const { room, thread } = look;
  const { seq, uncleansed } = await readHead(pool, room);
  const before = await storedAt(look);
  const tail = await tailAfter(look, before?.seq ?? 0, seq);
  const unclean = uncleansed !== null && uncleansed > (before?.seq ?? 0);
  const due = seq > 0 && (unclean || isLong(tail, before?.bytes ?? 0));
  let stored = before;
  let cleansed = 0;
  if (due || uncleansed !== null) {
    await loadDocument(look, seq);
    let made: StoredState | null = null;
    if (due) {
      const state = await thread.ask('state', seq);
      proceed(look);
      await inTransaction(pool, async (client) => void (await writeState(client, room, state)));
      stored = { seq, bytes: state.pieces.length };
      made = state;
      look.stored();
    }
    if (uncleansed !== null) cleansed = await cleanseRows(look, seq);
    // Not before: a reconnect may be answered from rows that held the words.
    if (made) look.renewed(made);
  }
  const compacted = await compact(look, stored?.seq ?? 0);
  return { stored, made: due, cleansed, compacted };
}

async function storedAt({ database, room }: Look): Promise<Looked['stored']> {
  const { rows } = await database.pool.query<{ seq: number; bytes: number }>(
    `SELECT seq::float8, sum(octet_length(bytes))::float8 AS bytes FROM room_states WHERE room = $1
     GROUP BY seq ORDER BY seq DESC LIMIT 1`,
    [room],
  );
  return rows[0] ?? null;
}

async function tailAfter(
  { database, room }: Look,
  after: number,
  upTo: number,
): Promise<{ parts: number; bytes: number }> {
  const { rows } = await database.pool.query<{ parts: number; bytes: number }>(
    `SELECT count(*)::int AS parts, coalesce(sum(octet_length("update")), 0)::float8 AS bytes FROM room_log
     WHERE room = $1 AND seq > $2 AND seq <= $3`,
    [room, after, upTo],
  );
  return rows[0] ?? { parts: 0, bytes: 0 };
}

/** Builds the document as of `seq` in the thread. */
async function loadDocument(look: Look, seq: number): Promise<void> {
  const { database, thread, room } = look;
  const stored = await readState(database.pool, room);
  if (stored === 'replaced') throw new Error(`the stored state of ${room} was replaced while it was read`);
  await thread.ask('begin', stored && { seq: stored.seq, pieces: stored.pieces });
  let at: Place = { seq: stored?.seq ?? 0, part: endOfBatch };
  for (;;) {
    proceed(look);
    const window = await readWindow(database.pool, 'room_log', room, at, seq);
    if (!window) return;
    at = await thread.ask('follow', window);
  }
}

/** Greater than every part. */
const endOfBatch = 2 ** 31 - 1;
