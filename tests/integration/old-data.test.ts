import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrationsFolder } from '../../server/database/migrations.js';
import { createRoomLog } from '../../server/database/room-log.js';
import { postgresMissing, postgresStore, temporaryFolder } from '../support/databases.js';

/** The migrations of the first version alone. */
function firstVersion(): string {
  const folder = temporaryFolder();
  const [first] = readdirSync(migrationsFolder()).sort();
  for (const name of [first ?? '', 'migration_lock.toml'])
    cpSync(join(migrationsFolder(), name), join(folder, name), { recursive: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

const layer = 'layer:01930000-0000-7000-8000-000000000001';
const content = 'content:01930000-0000-7000-8000-000000000002';

describe.skipIf(postgresMissing !== null)(`PostgreSQL ${postgresMissing ?? ''}`, () => {
  const old = async (logged: number) => {
    const store = await postgresStore();
    const database = await store.open({ migrations: firstVersion() });
    const { pool } = database;
    for (const room of [layer, content]) {
      await pool.query(`INSERT INTO rooms (name, epoch, seq) VALUES ($1, 'e', 3)`, [room]);
      await pool.query(
        `INSERT INTO room_log (room, seq, part, "update", person)
         SELECT $1, seq, 0, '\\x0000'::bytea, 'a' FROM generate_series(1, $2::int) AS seq`,
        [room, logged],
      );
      await pool.query(`INSERT INTO snapshots (room, seq, part, state) VALUES ($1, 2, 0, '\\x0000')`, [room]);
    }
    await database.close();
    return store;
  };

  test('[MIG6] rooms of the first version load from their log, and the layers among them are to be cleansed', async () => {
    const store = await old(3);
    const log = createRoomLog(await store.open());
    for (const room of [layer, content] as const) {
      const loaded = await log.load(room);
      expect(loaded).toMatchObject({ epoch: 'e', seq: 3, stored: null, uncleansed: room === layer });
      expect(loaded.tail.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    }
  });

  test('[MIG6] a snapshot whose log is not whole is not given up', async () => {
    const store = await old(2);
    await expect(store.open()).rejects.toThrow('is not whole, and its snapshot cannot be given up');
  });
});
