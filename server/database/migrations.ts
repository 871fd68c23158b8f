/**
 * Applies the migrations of `prisma/migrations` and records them exactly as Prisma does, so that `prisma migrate` may
 * take over at any time. Prisma's own runner is a native program that it downloads; this one needs a connection only.
 */

import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientBase } from 'pg';
import { DatabaseError } from './database-error.js';

/** The advisory lock that Prisma Migrate takes: several servers that start at once migrate one after another. */
const prismaLock = 72707369;

const historyTable = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                  VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"            VARCHAR(64) NOT NULL,
    "finished_at"         TIMESTAMPTZ,
    "migration_name"      VARCHAR(255) NOT NULL,
    "logs"                TEXT,
    "rolled_back_at"      TIMESTAMPTZ,
    "started_at"          TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`;

interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, in hex. */
  readonly checksum: string;
}

interface Recorded {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

/** The project's migrations, from the sources and from `dist` alike. */
export function migrationsFolder(): string {
  const candidates = ['../../prisma/migrations', '../../../prisma/migrations'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new Error(`No prisma/migrations beside ${import.meta.url}`);
  return found;
}

/**
 * Applies what the database lacks, each migration in a transaction of its own, and returns the names.
 * Throws a DatabaseError when the database is newer, when an applied migration was edited, and when one fails or has
 * failed; what was applied before it stays.
 *
 * @param client one connection, not a pool: the lock belongs to the session
 */
export async function applyMigrations(client: ClientBase, folder: string): Promise<string[]> {
  const migrations = await readMigrations(folder);
  await client.query('SELECT pg_advisory_lock($1)', [prismaLock]);
  try {
    await client.query(historyTable);
    const { rows } = await client.query<Recorded>(
      'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
    );
    const missing = compare(migrations, rows);
    for (const migration of missing) await apply(client, migration);
    return missing.map(({ name }) => name);
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [prismaLock]);
  }
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(join(folder, name, 'migration.sql'));
      return {
        name,
        sql: bytes.toString('utf8'),
        checksum: createHash('sha256').update(bytes).digest('hex'),
      };
    }),
  );
}

/** What the database lacks, in order. */
function compare(migrations: readonly Migration[], recorded: readonly Recorded[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const { migration_name: name, finished_at, checksum } of recorded) {
    if (finished_at === null)
      throw new DatabaseError(
        `The migration ${name} has failed in this database before and must be resolved by hand`,
      );
    const ours = known.get(name);
    if (!ours)
      throw new DatabaseError(`The database is newer than this server: it has the migration ${name}`);
    if (ours.checksum !== checksum)
      throw new DatabaseError(
        `The migration ${name} is another than the one that this database was made with`,
      );
  }
  const applied = new Set(recorded.map(({ migration_name }) => migration_name));
  return migrations.filter(({ name }) => !applied.has(name));
}

async function apply(client: ClientBase, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, started_at, finished_at, migration_name, applied_steps_count)
       VALUES ($1, $2, now(), clock_timestamp(), $3, 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    const reason = error instanceof Error ? error.message : String(error);
    throw new DatabaseError(`The migration ${name} failed, and nothing of it was kept: ${reason}`, {
      cause: error,
    });
  }
}
