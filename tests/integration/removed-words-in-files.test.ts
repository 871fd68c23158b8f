import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import * as Y from 'yjs';
import { createLogCare } from '../../server/database/care/log-care.js';
import { keepTidy } from '../../server/database/maintenance.js';
import { createRoomLog } from '../../server/database/room-log.js';
import type { ProjectionChange } from '../../server/rooms/projection.js';
import { commentRow } from '../contract/room-log.js';
import { embeddedStore } from '../support/databases.js';

/** The files under a folder that hold these bytes. */
function filesWith(folder: string, word: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name);
    return statSync(path).isFile() && readFileSync(path).includes(word);
  });
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

test('[CARE18] embedded: in a pause after a removal the words leave the files too, those of the write-ahead log included', async () => {
  const store = await embeddedStore();
  const { pool, kind } = await store.open();
  const log = createRoomLog({ pool });
  const folder = join(store.location.dataDir, 'database');
  const word = `unsayable${randomUUID()}`;
  const room = `layer:${randomUUID()}` as const;
  const row = commentRow(room.slice('layer:'.length), { body: word });

  const doc = new Y.Doc();
  let seq = 0;
  const commit = async (change: () => void, removes = false, projection: ProjectionChange[] = []) => {
    let update = new Uint8Array();
    doc.once('update', (bytes: Uint8Array) => (update = new Uint8Array(bytes)));
    doc.transact(change);
    const parts = [{ update, person: 'anna' }];
    await log.append([{ room, seq: ++seq, epoch: 'e', parts, clients: new Map(), removes, projection }]);
  };
  const comments = doc.getMap('comments');
  const others = Array.from({ length: 20 }, (_, i) => commentRow(row.layer, { body: `kept ${i}` }));
  for (const other of others)
    await commit(() => comments.set(other.id, { body: other.body }), false, [other]);
  await commit(() => comments.set(row.id, { body: word }), false, [row]);
  // What is large lies apart from its row.
  const large = `${randomBytes(50_000).toString('base64')}${word}`;
  await commit(() => comments.set(row.id, { body: word, jsonld: { large } }));
  await pool.query('CHECKPOINT');
  expect(filesWith(folder, word).length).toBeGreaterThan(1);

  await commit(
    () => {
      doc.getMap('removed').set(row.id, { by: 'anna', at: 1 });
      comments.set(row.id, { body: '' });
    },
    true,
    [{ ...row, body: '', removed: 1 }],
  );
  const report = (problem: string, { error }: Record<string, unknown>) => {
    throw new Error(problem, { cause: error });
  };
  await new Promise<void>((looked) => {
    const care = createLogCare({ pool, kind }, { report, pace: { quiet: 1 }, looked: () => looked() });
    onTestFinished(() => care.close());
    care.grown(room, { parts: 1, bytes: 1, removed: true }, () => undefined);
  });
  // A plain VACUUM leaves them where they were.
  await pool.query('VACUUM');
  await pool.query('CHECKPOINT');
  expect(filesWith(folder, word).length).toBeGreaterThan(0);

  const pace = { every: 5, pause: 0, longPause: 0, patience: 0, walLimit: 1e12 };
  const tidying = keepTidy(pool, silent, pace);
  await vi.waitFor(async () => expect((await pool.query('SELECT FROM chores')).rowCount).toBe(0), {
    timeout: 20_000,
  });
  await tidying.stop();
  expect(filesWith(folder, word)).toEqual([]);
  const { rows } = await pool.query<{ body: string }>('SELECT body FROM comments ORDER BY body');
  expect(rows.map(({ body }) => body)).toEqual(['', ...others.map(({ body }) => body).sort()]);
  const kept = await log.load(room);
  expect([kept.seq, kept.uncleansed]).toEqual([seq, false]);
});
