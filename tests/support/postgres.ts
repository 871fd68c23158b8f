/**
 * A PostgreSQL server for tests: the one that TEST_DATABASE_URL names, else one of our own, started from the programs
 * that are installed here, in a temporary folder, reached through a socket in it, and gone afterwards.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

export interface PostgresServer {
  /** A database in which others may be created. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Where distributions put the programs that are not on the path. */
const installations = [
  '/usr/lib/postgresql',
  '/usr/local/lib/postgresql',
  '/opt/homebrew/opt',
  '/usr/local/opt',
];

/** The newest `initdb` and `postgres` of this machine. */
function findPrograms(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const parent of installations.filter((path) => existsSync(path)))
    for (const name of readdirSync(parent).sort((a, b) => parseFloat(a) - parseFloat(b)))
      folders.unshift(join(parent, name, 'bin'));
  return (
    folders.find((path) => existsSync(join(path, 'initdb')) && existsSync(join(path, 'postgres'))) ?? null
  );
}

/** Why tests with PostgreSQL cannot run here, as a sentence; null: they can. */
export const postgresMissing: string | null =
  process.env['TEST_DATABASE_URL'] !== undefined || findPrograms() !== null
    ? null
    : 'skipped, because no PostgreSQL was found: set TEST_DATABASE_URL, or install the package postgresql';

/** PostgreSQL refuses to run as root: who else may. */
function otherThanRoot(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return { uid: Number(user?.[2] ?? 65534), gid: Number(user?.[3] ?? 65534) };
}

/** Throws with the programs' own words when they fail. */
export async function startPostgres(): Promise<PostgresServer> {
  const given = process.env['TEST_DATABASE_URL'];
  if (given !== undefined) return { url: given, stop: () => Promise.resolve() };
  const programs = findPrograms();
  if (programs === null) throw new Error(postgresMissing ?? 'no PostgreSQL');

  const folder = mkdtempSync(join(tmpdir(), 'marginalia-postgres-'));
  const as = otherThanRoot();
  if (as) chownSync(folder, as.uid, as.gid);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(join(programs, 'initdb'), initdb, { ...as, cwd: folder });
  const server = spawn(join(programs, 'postgres'), ['-D', data, '-k', folder, '-c', 'listen_addresses='], {
    ...as,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  // A run that ends early takes the server with it.
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);
  await ready(server);
  return {
    url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`,
    stop: async () => {
      process.off('exit', kill);
      server.kill('SIGINT');
      if (server.exitCode === null) await once(server, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ready(server: ChildProcess): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    server.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${said}`)));
    server.stderr?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes('ready to accept connections')) resolve();
    });
  });
}

/** For Vitest's `globalSetup`: one server for the whole run. Without it each test file that needs one starts its own. */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (postgresMissing !== null || process.env['TEST_DATABASE_URL'] !== undefined) return undefined;
  const server = await startPostgres();
  process.env['TEST_DATABASE_URL'] = server.url;
  return () => server.stop();
}
