/** Reads a room's log: where it stands, its batches, and whose its client ids are. */

import type { Pool } from 'pg';
import type { LoggedBatch } from '../rooms/ports.js';
import { chunkSize } from './append.js';

/** A room that nobody has written to has no epoch, and seq 0. */
export async function readHead(pool: Pool, room: string): Promise<Head> {
  const { rows } = await pool.query<Head>({
    name: 'marginalia_head',
    text: 'SELECT epoch, seq::float8, uncleansed::float8 FROM rooms WHERE name = $1',
    values: [room],
  });
  return rows[0] ?? { epoch: null, seq: 0, uncleansed: null };
}

export interface Head {
  readonly epoch: string | null;
  readonly seq: number;
  /** Of the newest batch that removed words which older rows may still hold. */
  readonly uncleansed: number | null;
}

interface Batch extends LoggedBatch {
  readonly updates: Uint8Array[];
}

interface Row {
  readonly seq: number;
  readonly part: number;
  readonly update: Buffer;
  readonly more: boolean;
}

/** About a chunk's bytes of rows after (seq, part): at least one row while there is any. */
const window = {
  name: 'marginalia_log',
  text: `
    SELECT seq::float8, part, "update", more
    FROM (
      SELECT *, sum(octet_length("update")) OVER (ORDER BY seq, part) - octet_length("update") AS before
      FROM (
        SELECT seq, part, "update", more FROM room_log
        WHERE room = $1 AND (seq, part) > ($2::bigint, $3::int) AND seq <= $4 ORDER BY seq, part LIMIT 5000
      ) AS next
    ) AS measured
    WHERE before < ${chunkSize} ORDER BY seq, part`,
};

/** The batches with after < seq <= upTo; null where one is missing. */
export async function readLog(
  pool: Pool,
  room: string,
  after: number,
  upTo: number,
): Promise<LoggedBatch[] | null> {
  if (after > upTo) return null;
  const batches: Batch[] = [];
  const pieces: Uint8Array[] = [];
  let at: { seq: number; part: number } = { seq: after, part: endOfBatch };
  let batch: Batch | undefined;
  for (;;) {
    const values = [room, at.seq, at.part, upTo];
    const { rows } = await pool.query<Row>({ ...window, values });
    for (const { seq, part, update, more } of rows) {
      if (seq !== batch?.seq) {
        if (seq !== (batch?.seq ?? after) + 1 || part !== 0 || pieces.length > 0) return null;
        batches.push((batch = { seq, updates: [] }));
      } else if (part !== at.part + 1) return null;
      at = { seq, part };
      pieces.push(new Uint8Array(update.buffer, update.byteOffset, update.byteLength));
      if (!more) batch.updates.push(joined(pieces.splice(0)));
    }
    if (rows.length === 0) return (batch?.seq ?? after) === upTo && pieces.length === 0 ? batches : null;
  }
}

/** Greater than every part. */
const endOfBatch = 2 ** 31 - 1;

export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  return only && pieces.length === 1 ? only : new Uint8Array(Buffer.concat(pieces));
}

export interface BoundClient {
  readonly client: number;
  readonly person: string;
  readonly seq: number;
}

/** Client ids that were bound with after < seq <= upTo. */
export async function readClients(
  pool: Pool,
  room: string,
  after: number,
  upTo: number,
): Promise<BoundClient[]> {
  const { rows } = await pool.query<BoundClient>({
    name: 'marginalia_clients',
    text: `SELECT client::float8, person, seq::float8 FROM room_clients WHERE room = $1 AND seq > $2 AND seq <= $3`,
    values: [room, after, upTo],
  });
  return rows;
}
