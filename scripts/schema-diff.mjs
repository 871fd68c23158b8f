// What stands between the migrations and the schema, as SQL. Prisma's own schema engine, compiled to WebAssembly, replays
// the migrations in a PostgreSQL in memory and compares: nothing is downloaded and no database server is needed.
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
/* global WebAssembly */
import { PGlite } from '@electric-sql/pglite';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import { PrismaPGlite } from 'pglite-prisma-adapter';

function loadWebAssembly() {
  const path = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const module = new WebAssembly.Module(readFileSync(path.replace(/\.js$/, '.wasm')));
  const { exports } = new WebAssembly.Instance(module, { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(exports);
  exports.__wbindgen_start();
  // The engine tells its last words here before it panics.
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => console.error(message) };
}

/** The engine asks for a second, empty database to replay migrations in. Ours is as good: nothing else is in it. */
class OneDatabase extends PrismaPGlite {
  connectToShadowDb() {
    return this.connect();
  }
}

/** The engine on a PGlite database. It keeps the process alive: whoever opens it ends it. */
export async function openEngine(prismaFolder, database) {
  loadWebAssembly();
  const { path, content } = schemaOf(prismaFolder);
  const adapter = bindMigrationAwareSqlAdapterFactory(new OneDatabase(database));
  return glue.SchemaEngine.new({ datamodels: [[path, content]] }, () => {}, adapter);
}

function schemaOf(prismaFolder) {
  const path = join(prismaFolder, 'schema.prisma');
  return { path, content: readFileSync(path, 'utf8') };
}

/** Everything is ours: nothing in the database is left out. */
export const filters = { externalTables: [], externalEnums: [] };

/** The migrations in the form in which the engine takes them. */
export function migrationsOf(prismaFolder) {
  const baseDir = join(prismaFolder, 'migrations');
  const folders = readdirSync(baseDir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const content = (name) => readFileSync(join(baseDir, name, 'migration.sql'), 'utf8');
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: folders
      .map(({ name }) => name)
      .sort()
      .map((path) => ({
        path,
        migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: content(path) } },
      })),
  };
}

/** The SQL that takes a database from the migrations of `prisma/` to its schema, or null when they agree. */
export async function diffSchema(prismaFolder) {
  const engine = await openEngine(prismaFolder, await PGlite.create());
  const { exitCode, stdout } = await engine.diff({
    from: { tag: 'migrations', ...migrationsOf(prismaFolder) },
    to: { tag: 'schemaDatamodel', files: [schemaOf(prismaFolder)] },
    script: true,
    shadowDatabaseUrl: null,
    exitCode: true,
    filters,
  });
  // 0: nothing to do, 2: the SQL is on stdout.
  return exitCode === 0 ? null : stdout;
}
