/**
 * Windows of a room's rows, each as ONE value: PostgreSQL puts the rows end to end, the main thread only passes the
 * bytes on, and the thread that works on them takes them apart. A row by itself would cost the main thread 5 us.
 */

import type { ClientBase, Pool } from 'pg';

export interface Row {
  readonly seq: number;
  /** Of the last batch that is in it. */
  readonly toSeq: number;
  readonly part: number;
  /** The update goes on in the next row. */
  readonly more: boolean;
  /** When it was committed, in milliseconds since 1970; of the history: the minute. */
  readonly at: number;
  readonly person: string;
  readonly update: Uint8Array;
}

/** Where a row stands: rows are ordered by (seq, part). */
export interface Place {
  readonly seq: number;
  readonly part: number;
}

export type Table = 'room_log' | 'room_history';

/** Usual bytes of a window, and the most rows in it. What holds up neither the main thread nor the embedded database. */
const windowBytes = 96 * 1024;
const windowRows = 300;

/** Only whole updates: of one that goes on in later rows, all of them or none. */
const query = (table: Table) => {
  const [toSeq, at] = table === 'room_log' ? ['seq', 'at'] : ['to_seq', 'minute'];
  return `
  WITH next AS (
    SELECT seq, ${toSeq} AS to_seq, part, more, ${at} AS at, convert_to(person, 'UTF8') AS person, "update" FROM ${table}
    WHERE room = $1 AND (seq, part) > ($2::bigint, $3::int) AND seq <= $4 ORDER BY seq, part LIMIT ${windowRows}
  ), measured AS (
    SELECT *, sum(octet_length("update")) OVER so_far - octet_length("update") AS before,
      sum((NOT more)::int) OVER so_far - (NOT more)::int AS nth
    FROM next WINDOW so_far AS (ORDER BY seq, part)
  )
  SELECT string_agg(int8send(seq) || int8send(to_seq) || int4send(part) || int4send(more::int)
    || float8send(extract(epoch FROM at)::float8 * 1000) || int4send(octet_length(person)) || person
    || int4send(octet_length("update")) || "update", ''::bytea ORDER BY seq, part) AS rows
  FROM measured
  WHERE nth <= (SELECT max(nth) FROM measured WHERE before < ${windowBytes})
    AND nth < (SELECT count(*) FROM next WHERE NOT more)`;
};

/** The rows after a place, up to the batch `upTo`, for `readRows`; null: there are none. */
export async function readWindow(
  pool: Pool | ClientBase,
  table: Table,
  room: string,
  after: Place,
  upTo: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const { rows } = await pool.query<{ rows: Buffer | null }>({
    name: `marginalia_window_${table}`,
    text: query(table),
    values: [room, after.seq, after.part, upTo],
  });
  const bytes = rows[0]?.rows;
  // A copy of its own, which can be given to another thread.
  return bytes ? new Uint8Array(bytes) : null;
}

const text = new TextDecoder();

export function readRows(window: Uint8Array): Row[] {
  const view = new DataView(window.buffer, window.byteOffset, window.byteLength);
  const rows: Row[] = [];
  let at = 0;
  const bytes = (): Uint8Array => {
    const start = at + 4;
    at = start + view.getInt32(at);
    return window.subarray(start, at);
  };
  while (at < window.length) {
    const seq = Number(view.getBigInt64(at));
    const toSeq = Number(view.getBigInt64(at + 8));
    const part = view.getInt32(at + 16);
    const more = view.getInt32(at + 20) === 1;
    const time = Math.round(view.getFloat64(at + 24));
    at += 32;
    const person = text.decode(bytes());
    rows.push({ seq, toSeq, part, more, at: time, person, update: bytes() });
  }
  return rows;
}

/** Rows that are written at once: their bytes end to end, and where each begins (from 1) and how long it is. */
export interface Packed {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly starts: number[];
  readonly lengths: number[];
}

export function pack(updates: readonly Uint8Array[]): Packed {
  const lengths = updates.map(({ length }) => length);
  let start = 1;
  const starts = lengths.map((length) => (start += length) - length);
  const bytes = new Uint8Array(start - 1);
  for (const [i, update] of updates.entries()) bytes.set(update, (starts[i] ?? 1) - 1);
  return { bytes, starts, lengths };
}
