/** Commits batches: packs them into the parameters of `append-sql.ts` and says what became of each. */

import type { ClientBase, Pool } from 'pg';
import type { AppendOutcome, RoomBatch } from '../rooms/ports.js';
import type { ProjectionChange } from '../rooms/projection.js';
import { commitStatement, continueStatement } from './append-sql.js';
import { inTransaction } from './transaction.js';

/** Bytes that one statement carries at most. The embedded database never gives back the memory of a large one. */
export const chunkSize = 1024 * 1024;

/** A row of the log: a part, or a piece of one that is larger than a chunk. */
interface LogRow {
  readonly room: string;
  readonly part: number;
  readonly bytes: Uint8Array;
  readonly more: boolean;
  readonly person: string;
}

type ProjectionRow = ProjectionChange & { readonly room: string };

/** What one statement writes. */
interface Chunk {
  readonly log: LogRow[];
  readonly projection: ProjectionRow[];
}

/** See `RoomLog.append`. */
export async function append(pool: Pool, batches: readonly RoomBatch[]): Promise<AppendOutcome[]> {
  const empty = batches.find(({ parts }) => parts.length === 0);
  if (empty) throw new Error(`A batch of ${empty.room} has no parts`);
  const waves = inWaves(batches).map((wave) => ({ wave, chunks: inChunks(wave) }));
  const [first] = waves;
  if (!first) return [];
  const committed = new Set<RoomBatch>();
  if (waves.length === 1 && first.chunks.length === 1) await write(pool, first.wave, first.chunks, committed);
  else
    await inTransaction(pool, async (client) => {
      for (const { wave, chunks } of waves) await write(client, wave, chunks, committed);
    });
  return batches.map((batch) => (committed.has(batch) ? 'committed' : 'conflict'));
}

/** A statement claims a room once: a room's second batch goes into a second statement. */
function inWaves(batches: readonly RoomBatch[]): RoomBatch[][] {
  const waves: RoomBatch[][] = [];
  const seen = new Map<string, number>();
  for (const batch of batches) {
    const wave = seen.get(batch.room) ?? 0;
    seen.set(batch.room, wave + 1);
    (waves[wave] ??= []).push(batch);
  }
  return waves;
}

/** One chunk, unless there is much to write. */
function inChunks(batches: readonly RoomBatch[]): Chunk[] {
  let chunk: Chunk = { log: [], projection: [] };
  const chunks = [chunk];
  let size = 0;
  const take = (bytes: number) => {
    if (size > 0 && size + bytes > chunkSize) {
      chunk = { log: [], projection: [] };
      chunks.push(chunk);
      size = 0;
    }
    size += bytes;
  };
  for (const batch of batches) {
    for (const row of logRows(batch)) {
      take(row.bytes.length);
      chunk.log.push(row);
    }
    for (const row of projectionRows(batch)) {
      take(roughSize(row));
      chunk.projection.push(row);
    }
  }
  return chunks;
}

function* logRows({ room, parts }: RoomBatch): Generator<LogRow> {
  let part = 0;
  for (const { update, person } of parts) {
    for (let at = 0; at === 0 || at < update.length; at += chunkSize) {
      const bytes = update.subarray(at, at + chunkSize);
      yield { room, part: part++, bytes, more: at + chunkSize < update.length, person };
    }
  }
}

/** The last row of each key: a statement may touch a row only once. */
function projectionRows({ room, projection }: RoomBatch): Iterable<ProjectionRow> {
  return new Map(projection.map((row) => [`${row.kind} ${row.layer} ${row.id}`, { ...row, room }])).values();
}

const roughSize = (row: ProjectionRow): number =>
  500 + (row.kind === 'comment' ? row.body.length : (row.exact?.length ?? 0) + (row.suggestion?.length ?? 0));

/** Adds to `committed` what was claimed and written. */
async function write(
  connection: Pool | ClientBase,
  batches: readonly RoomBatch[],
  [first, ...others]: readonly Chunk[],
  committed: Set<RoomBatch>,
): Promise<void> {
  if (!first) return;
  const clients = batches.flatMap(({ room, clients }) =>
    [...clients].map(([client, person]) => ({ room, client, person })),
  );
  const { rows: won } = await connection.query<{ room: string; seq: number }>({
    ...commitStatement,
    values: [
      batches.map(({ room }) => room),
      batches.map(({ seq }) => seq),
      batches.map(({ epoch }) => epoch),
      batches.map(({ removes }) => removes),
      clients.map(({ room }) => room),
      clients.map(({ client }) => client),
      clients.map(({ person }) => person),
      ...parameters(first),
    ],
  });
  for (const chunk of others)
    await connection.query({
      ...continueStatement,
      values: [won.map(({ room }) => room), won.map(({ seq }) => seq), ...parameters(chunk)],
    });
  const rooms = new Set(won.map(({ room }) => room));
  for (const batch of batches) if (rooms.has(batch.room)) committed.add(batch);
}

function parameters({ log, projection }: Chunk): unknown[] {
  const starts: number[] = [];
  let start = 1;
  for (const { bytes } of log) {
    starts.push(start);
    start += bytes.length;
  }
  return [
    log.map(({ room }) => room),
    log.map(({ part }) => part),
    Buffer.concat(log.map(({ bytes }) => bytes)),
    starts,
    log.map(({ bytes }) => bytes.length),
    log.map(({ more }) => more),
    log.map(({ person }) => person),
    asJson(projection.filter(({ kind }) => kind === 'annotation')),
    asJson(projection.filter(({ kind }) => kind === 'comment')),
  ];
}

/**
 * PostgreSQL's text has no U+0000 and no half of a surrogate pair. Readers may write them into a room; here they become
 * U+FFFD, as in every encoder of UTF-8. Refusing them would stop the room: this runs after the verdict.
 */
function asJson(rows: readonly ProjectionRow[]): string {
  const json = JSON.stringify(rows);
  if (!/\\u(?:0000|d[89a-f])/.test(json)) return json;
  return JSON.stringify(rows, (_key, value: unknown) =>
    typeof value === 'string' ? Buffer.from(value.replaceAll('\0', '\ufffd')).toString() : value,
  );
}
