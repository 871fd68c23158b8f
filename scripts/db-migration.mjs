// `npm run db:migration -- <name>` writes what changed in prisma/schema.prisma as a new migration, offline.
// `node scripts/db-migration.mjs --check` only says whether there is something to write (exit code 1).
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diffSchema } from './schema-diff.mjs';

// Another folder: for tests.
const prisma = process.env['PRISMA_FOLDER'] ?? fileURLToPath(new URL('../prisma', import.meta.url));
const [argument] = process.argv.slice(2);
const check = argument === '--check';

if (!check && !/^[a-z0-9_]+$/.test(argument ?? '')) {
  console.error(
    'Give the migration a name of small letters, digits and _: npm run db:migration -- add_votes',
  );
  process.exit(1);
}

const sql = await diffSchema(prisma);
if (sql === null) {
  console.log('The migrations say what the schema says: there is nothing to write.');
  process.exit(0);
}
if (check) {
  console.error(`The schema is ahead of the migrations; npm run db:migration -- <name> would write:\n${sql}`);
  process.exit(1);
}

/** Folders are applied in the order of their names: UTC to the second, as Prisma names them. */
const timestamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const folder = join(prisma, 'migrations', `${timestamp}_${argument}`);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'migration.sql'), sql);
console.log(`Wrote ${join(folder, 'migration.sql')}. Read it before you commit it.`);
process.exit(0);
