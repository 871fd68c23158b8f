// A PostgreSQL for the measurements that want one: what TEST_DATABASE_URL names, else one of our own, started from the
// programs that are installed here when it is first asked for.
import { execFile, spawn } from 'node:child_process';
import { chownSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { newFolder, removeFolder } from './processes.mjs';

const installations = ['/usr/lib/postgresql', '/usr/local/lib/postgresql', '/opt/homebrew/opt'];

function findPrograms() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  for (const parent of installations.filter((folder) => existsSync(folder)))
    for (const name of readdirSync(parent).sort((a, b) => parseFloat(a) - parseFloat(b)))
      folders.unshift(path.join(parent, name, 'bin'));
  return folders.find(
    (folder) => existsSync(path.join(folder, 'initdb')) && existsSync(path.join(folder, 'postgres')),
  );
}

/** PostgreSQL refuses to run as root: who else may. */
function otherThanRoot() {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((user) => user.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return { uid: Number(user?.[2] ?? 65534), gid: Number(user?.[3] ?? 65534) };
}

async function startServer(programs) {
  const folder = newFolder();
  const as = otherThanRoot();
  if (as) chownSync(folder, as.uid, as.gid);
  const data = path.join(folder, 'data');
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C'];
  await promisify(execFile)(path.join(programs, 'initdb'), initdb, { ...as, cwd: folder });
  const server = spawn(
    path.join(programs, 'postgres'),
    ['-D', data, '-k', folder, '-c', 'listen_addresses='],
    {
      ...as,
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const kill = () => server.kill('SIGKILL');
  process.once('exit', kill);
  let said = '';
  await new Promise((resolve, reject) => {
    server.once('exit', () => reject(new Error(`PostgreSQL did not start: ${said}`)));
    server.stderr.on('data', (bytes) => {
      said = (said + bytes).slice(-4000);
      if (said.includes('ready to accept connections')) resolve();
    });
  });
  server.removeAllListeners('exit');
  const ended = new Promise((resolve) => server.once('exit', resolve));
  return {
    url: (database) => `postgresql://postgres@localhost/${database}?host=${encodeURIComponent(folder)}`,
    stop: async () => {
      process.off('exit', kill);
      server.kill('SIGINT');
      await ended;
      removeFolder(folder);
    },
  };
}

/**
 * `missing`: why there is none, or null. `database()`: the URL of a new, empty database. `stop()` ends what was started.
 */
export function openPostgres() {
  const given = process.env.TEST_DATABASE_URL;
  const programs = findPrograms();
  const none = 'no PostgreSQL was found: set TEST_DATABASE_URL, or install the Debian package postgresql';
  let running = null;
  let count = 0;
  return {
    missing: given === undefined && programs === undefined ? none : null,
    async database() {
      const { default: pg } = await import('pg');
      const name = `marginalia_bench_${process.pid}_${++count}`;
      let admin = given;
      if (given === undefined) {
        running ??= startServer(programs);
        admin = (await running).url('postgres');
      }
      const client = new pg.Client(admin);
      await client.connect();
      await client.query(`CREATE DATABASE ${name}`);
      await client.end();
      if (given === undefined) return (await running).url(name);
      const url = new URL(given);
      url.pathname = `/${name}`;
      return url.href;
    },
    stop: async () => (await running)?.stop(),
  };
}
