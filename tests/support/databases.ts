/**
 * Fresh databases for tests, embedded and PostgreSQL. Whatever a test opens here is closed and removed after it; what is
 * opened in a hook of the file, after the file.
 */

import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, expect, onTestFinished } from 'vitest';
import { type Database, type DatabaseOptions, openDatabase } from '../../server/database/open.js';
import { type PostgresServer, startPostgres } from './postgres.js';

export { postgresMissing } from './postgres.js';

/** Data that outlives the server on it: close a database and open it again, or open two. */
export interface Store {
  /** What a server needs to be told to use it: DATABASE_URL and DATA_DIR. */
  readonly location: { readonly databaseUrl?: string; readonly dataDir: string };
  /** Throws what `onFatal` is told, unless a test gives its own. */
  open(options?: Partial<DatabaseOptions>): Promise<Database>;
}

type Step = () => Promise<unknown>;
const undo: Step[] = [];
afterAll(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** Steps are taken in the reverse order. An embedded database holds 150 MB: none stays open longer than it must. */
function later(step: Step): void {
  if (expect.getState().currentTestName === undefined) undo.push(step);
  else
    onTestFinished(async () => {
      await step();
    });
}

function store(location: Store['location']): Store {
  return {
    location,
    open: async (options) => {
      const onFatal = (error: Error) => {
        throw error;
      };
      const database = await openDatabase({ onFatal, ...location, ...options });
      later(() => database.close());
      return database;
    },
  };
}

/** An empty folder that goes when the test file is done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'marginalia-test-'));
  later(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A new embedded database with all migrations. */
export async function embeddedStore(): Promise<Store> {
  const dataDir = temporaryFolder();
  cpSync(await template(), dataDir, { recursive: true });
  return store({ dataDir });
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Making a database takes seconds: it is made once for a state of the migrations, and copied from there. */
async function template(): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')));
  const migrations = join(root, 'prisma/migrations');
  for (const path of readdirSync(migrations, { recursive: true, encoding: 'utf8' }).sort())
    if (path.endsWith('.sql')) hash.update(path).update(readFileSync(join(migrations, path)));
  const cache = join(root, 'node_modules/.cache/marginalia-tests');
  const folder = join(cache, hash.digest('hex').slice(0, 16));
  if (existsSync(folder)) return folder;

  const making = `${folder}.${randomUUID()}`;
  mkdirSync(making, { recursive: true });
  const database = await store({ dataDir: making }).open();
  await database.close();
  // Another test file may have been faster: then its folder is as good.
  if (!existsSync(folder)) renameSync(making, folder);
  rmSync(making, { recursive: true, force: true });
  return folder;
}

let server: Promise<PostgresServer> | undefined;

function postgres(): Promise<PostgresServer> {
  if (!server) {
    const starting = startPostgres();
    server = starting;
    undo.unshift(async () => (await starting).stop());
  }
  return server;
}

/** A new database, without tables, on the PostgreSQL server of the tests. Ask `postgresMissing` first. */
export async function postgresStore(): Promise<Store> {
  const { url } = await postgres();
  const name = `marginalia_${randomUUID().replaceAll('-', '')}`;
  await execute(url, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  later(() => execute(url, `DROP DATABASE ${name} WITH (FORCE)`));
  const address = new URL(url);
  address.pathname = `/${name}`;
  return store({ databaseUrl: address.href, dataDir: temporaryFolder() });
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
