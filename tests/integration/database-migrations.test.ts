import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { migrationsFolder } from '../../server/database/migrations.js';
import { DatabaseError } from '../../server/database/open.js';
import {
  embeddedStore,
  postgresMissing,
  postgresStore,
  type Store,
  temporaryFolder,
} from '../support/databases.js';

/** A copy of the project's migrations, with more. */
function withMigrations(more: Record<string, string>): string {
  const folder = temporaryFolder();
  cpSync(migrationsFolder(), folder, { recursive: true });
  for (const [name, sql] of Object.entries(more)) {
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, name, 'migration.sql'), sql);
  }
  return folder;
}

const kinds: [name: string, fresh: () => Promise<Store>, missing: string | null][] = [
  ['embedded', embeddedStore, null],
  ['PostgreSQL', postgresStore, postgresMissing],
];

describe.each(kinds)('%s', (_, fresh, missing) => {
  describe.skipIf(missing !== null)(missing ?? 'migrated', () => {
    test('[MIG1] new migrations are applied in the order of their names and recorded as Prisma does', async () => {
      const store = await fresh();
      await (await store.open()).close();
      const migrations = withMigrations({
        '99990102000000_second': 'ALTER TABLE shelves ADD COLUMN label text;',
        '99990101000000_first': `CREATE TABLE shelves (id int); DO $$ BEGIN INSERT INTO shelves VALUES (1); END $$;`,
      });
      const database = await store.open({ migrations });
      expect(database.migrated).toEqual(['99990101000000_first', '99990102000000_second']);
      expect((await database.pool.query('SELECT * FROM shelves')).rows).toEqual([{ id: 1, label: null }]);
      const { rows } = await database.pool.query(
        'SELECT migration_name, length(checksum) AS length, applied_steps_count, logs, rolled_back_at FROM "_prisma_migrations" WHERE finished_at >= started_at ORDER BY migration_name DESC LIMIT 1',
      );
      const recorded = { migration_name: '99990102000000_second', length: 64, applied_steps_count: 1 };
      expect(rows).toEqual([{ ...recorded, logs: null, rolled_back_at: null }]);
    });

    test('[MIG2] a migration that fails leaves nothing of itself, says so, and is tried again at the next start', async () => {
      const store = await fresh();
      const broken = withMigrations({
        '99990101000000_broken': 'CREATE TABLE shelves (id int); SELECT 1 / 0;',
      });
      const opening = store.open({ migrations: broken });
      await expect(opening).rejects.toThrow(DatabaseError);
      await expect(opening).rejects.toThrow(
        'The migration 99990101000000_broken failed, and nothing of it was kept: division by zero',
      );
      const mended = withMigrations({ '99990101000000_broken': 'CREATE TABLE shelves (id int);' });
      expect((await store.open({ migrations: mended })).migrated).toContain('99990101000000_broken');
    });

    test('[MIG3] a database of a newer server is refused and not touched', async () => {
      const store = await fresh();
      const newer = withMigrations({ '99990101000000_newer': 'CREATE TABLE shelves (id int);' });
      await (await store.open({ migrations: newer })).close();
      await expect(store.open()).rejects.toThrow(
        'The database is newer than this server: it has the migration 99990101000000_newer',
      );
      await (await store.open({ migrations: newer })).close();
    });

    test('[MIG4] a migration that was edited after it was applied is refused', async () => {
      const store = await fresh();
      await (
        await store.open({ migrations: withMigrations({ '99990101000000_shelves': 'SELECT 1;' }) })
      ).close();
      const edited = withMigrations({ '99990101000000_shelves': 'SELECT 2;' });
      await expect(store.open({ migrations: edited })).rejects.toThrow(
        '99990101000000_shelves is another than the one',
      );
    });

    test('[MIG5] a migration that Prisma recorded as failed is refused until it is resolved', async () => {
      const store = await fresh();
      const database = await store.open();
      await database.pool.query(
        `INSERT INTO "_prisma_migrations" (id, checksum, migration_name) VALUES ('x', 'y', '99990101000000_failed')`,
      );
      await database.close();
      await expect(store.open()).rejects.toThrow('99990101000000_failed has failed in this database before');
    });
  });
});
