// Applies our migrations by our own runner to a database in memory, and prints what Prisma's own engine says of the history.
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { applyMigrations, migrationsFolder } from '../../dist/server/database/migrations.js';
import { filters, migrationsOf, openEngine } from '../../scripts/schema-diff.mjs';

const prisma = fileURLToPath(new URL('../../prisma', import.meta.url));
const database = await PGlite.create();
const query = async (sql, values) =>
  values ? database.query(sql, values) : (await database.exec(sql)).at(-1);
const applied = await applyMigrations({ query }, migrationsFolder());

const engine = await openEngine(prisma, database);
const migrationsList = migrationsOf(prisma);
const diagnose = () =>
  engine.diagnoseMigrationHistory({ migrationsList, optInToShadowDatabase: false, filters });
const asApplied = await diagnose();
const missing = await engine.applyMigrations({ migrationsList, filters });
migrationsList.migrationDirectories[0].migrationFile.content.value += '-- edited';
console.log(JSON.stringify({ applied, asApplied, missing, asEdited: await diagnose() }));
process.exit(0);
