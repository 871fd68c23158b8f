/**
 * Opens the database: a PostgreSQL server by its URL, or the embedded one in a folder. Both are reached through the same
 * `pg` pool and the same Prisma adapter, so that whatever is written above them is written once.
 */

import type pg from 'pg';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './client.js';
import { type Embedded, openEmbedded } from './embedded.js';
import type { Log } from './log.js';
import { applyMigrations, migrationsFolder } from './migrations.js';
import { checkServer, connectTo } from './server-connection.js';

export { DatabaseError } from './database-error.js';

export interface DatabaseOptions {
  /** A PostgreSQL server. Without it the embedded database in `dataDir` is opened. */
  readonly databaseUrl?: string;
  /** The folder of the embedded database; made when it is missing. */
  readonly dataDir: string;
  readonly log?: Log;
  /** The embedded database died, or another server took its folder: nothing can be stored any more. Exit. */
  readonly onFatal: (error: Error) => void;
  /** Connections to a PostgreSQL server; the embedded database has exactly one. */
  readonly connections?: number;
  /** Other migrations than the project's own: for tests. */
  readonly migrations?: string;
}

export interface Database {
  /** Inside `prisma.$transaction` use only its `tx`, and await nothing but the database: there may be one connection. */
  readonly prisma: PrismaClient;
  /** The pool behind `prisma`, for the log's hot path. */
  readonly pool: pg.Pool;
  readonly kind: 'embedded' | 'postgres';
  /** Names of the migrations that this opening applied. */
  readonly migrated: readonly string[];
  /** Whether the database answers within two seconds. */
  ping(): Promise<boolean>;
  /** How often the embedded database has asked the disk to keep what it wrote, since it was opened; null for a server. */
  fsyncs(): Promise<number | null>;
  /** Waits for the queries under way. */
  close(): Promise<void>;
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Throws a DatabaseError with one sentence for what a host can mend; then nothing is left open. */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const log = options.log ?? silent;
  const embedded =
    options.databaseUrl === undefined ? await openEmbedded(options.dataDir, log, options.onFatal) : null;
  const pool = embedded?.pool ?? connectTo(options.databaseUrl ?? '', options.connections ?? 10);
  // Without a listener the loss of an idle connection would end the process; the pool makes another by itself.
  // pg hangs the connection itself on the error, with its password.
  pool.on('error', ({ message }) =>
    log.warn({ reason: message }, 'An idle connection to the database was lost'),
  );
  // Nor that of one that is held between two queries; the next query on it rejects.
  pool.on('connect', (client) => client.on('error', () => undefined));
  // On one connection everything waits in line, so waiting for a turn is no failure.
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool),
    transactionOptions: { maxWait: 20_000, timeout: 20_000 },
  });
  try {
    if (!embedded) await checkServer(pool, options.databaseUrl ?? '', log);
    // Connecting is the loading of Prisma's query compiler: done while the database looks at its migrations.
    const [migrated] = await Promise.all([
      migrate(pool, options.migrations ?? migrationsFolder()),
      prisma.$connect(),
    ]);
    if (migrated.length > 0) log.info({ migrated }, 'The database was migrated');
    embedded?.startMaintenance();
    return assemble(prisma, pool, embedded, migrated);
  } catch (error) {
    await (embedded ? embedded.close() : pool.end());
    throw error;
  }
}

async function migrate(pool: pg.Pool, folder: string): Promise<string[]> {
  const client = await pool.connect();
  try {
    return await applyMigrations(client, folder);
  } finally {
    client.release();
  }
}

function assemble(
  prisma: PrismaClient,
  pool: pg.Pool,
  embedded: Embedded | null,
  migrated: readonly string[],
): Database {
  let closing: Promise<void> | undefined;
  const close = async () => {
    await prisma.$disconnect();
    await (embedded ? embedded.close() : pool.end());
  };
  return {
    prisma,
    pool,
    kind: embedded ? 'embedded' : 'postgres',
    migrated,
    ping: () => answers(pool),
    fsyncs: async () => (embedded ? embedded.fsyncs() : null),
    close: () => (closing ??= close()),
  };
}

async function answers(pool: pg.Pool): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), 2000);
  });
  const answered = pool.query('SELECT 1').then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answered, late]);
  } finally {
    clearTimeout(timer);
  }
}
