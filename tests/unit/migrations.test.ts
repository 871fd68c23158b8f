import { execFile } from 'node:child_process';
import { appendFileSync, cpSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../support/databases.js';

/** The engine and a database are made anew each time: seconds, on a busy machine tens of seconds. */
vi.setConfig({ testTimeout: 240_000 });

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (script: string, args: string[] = [], env: Record<string, string> = {}): Promise<Ended> =>
  promisify(execFile)(process.execPath, [join(root, script), ...args], {
    env: { ...process.env, ...env },
  }).then(
    (ended) => ({ code: 0, ...ended }),
    (failed: Ended) => failed,
  );
const migrate = (args: string[], folder?: string) =>
  run('scripts/db-migration.mjs', args, folder === undefined ? {} : { PRISMA_FOLDER: folder });

const copyOfPrisma = (): string => {
  const folder = temporaryFolder();
  cpSync(join(root, 'prisma'), folder, { recursive: true });
  return folder;
};

test('[MIG6] the schema and the migrations agree', async () => {
  expect(await migrate(['--check'])).toMatchObject({ code: 0, stderr: '' });
});

test('[MIG7] a change of the schema is seen, written as a migration by name, and then there is nothing to write', async () => {
  const folder = copyOfPrisma();
  const before = readdirSync(join(folder, 'migrations'));
  appendFileSync(join(folder, 'schema.prisma'), '\nmodel Shelf {\n  id Int @id\n}\n');
  expect(await migrate(['--check'], folder)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('CREATE TABLE "Shelf"') as string,
  });
  expect(await migrate(['add_shelves'], folder)).toMatchObject({ code: 0, stderr: '' });
  const written = readdirSync(join(folder, 'migrations')).filter((name) => !before.includes(name));
  expect(written).toEqual([expect.stringMatching(/^\d{14}_add_shelves$/)]);
  const sql = readFileSync(join(folder, 'migrations', written[0] ?? '', 'migration.sql'), 'utf8');
  expect(sql).toContain('CREATE TABLE "Shelf"');
  const again = await migrate(['add_more'], folder);
  expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to write') as string });
  expect(readdirSync(join(folder, 'migrations'))).toHaveLength(before.length + 1);
});

test.each(['', '../elsewhere', 'With Spaces'])(
  '[MIG7] without a usable name nothing is written: %j',
  async (name) => {
    expect(await migrate([name])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Give the migration a name') as string,
    });
  },
);

test('[MIG8] Prisma finds its own history in what our runner recorded, and an edited migration in an edited one', async () => {
  const { code, stdout, stderr } = await run('tests/support/prisma-history.mjs');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const said = JSON.parse(stdout) as Record<'applied' | 'asApplied' | 'missing' | 'asEdited', unknown>;
  const [first] = said.applied as string[];
  const nothing = { editedMigrationNames: [], failedMigrationNames: [], history: null };
  expect(said.asApplied).toMatchObject(nothing);
  expect(said.missing).toMatchObject({ appliedMigrationNames: [] });
  expect(said.asEdited).toMatchObject({ editedMigrationNames: [first] });
});
