// The servers that are measured beside ours. They are installed on first use, in a folder of their own.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { HocuspocusConnection, YSocketIoConnection, yWebsocketConnection } from './connections.mjs';
import { inBench, start } from './processes.mjs';

const folder = inBench('peers');
const stamp = path.join(folder, 'node_modules/.installed');

/** Null when they are there, else why not, in one line. */
export async function installPeers() {
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(folder, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return null;
  process.stderr.write('installing the peers, once: this may take some minutes\n');
  try {
    await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: folder,
      shell: process.platform === 'win32',
    });
    writeFileSync(stamp, wanted);
    return null;
  } catch (error) {
    const lines = `${error.stderr || error.message}`.split('\n').filter(Boolean);
    return `the peers could not be installed and are left out: ${lines[0] ?? 'npm ci failed'}`;
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const ready = /^(?:ready at|running at) .*$/m;

/** People of a server that knows none. */
const nobody = (count) =>
  Array.from({ length: count }, (_, n) => {
    const id = `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
    return { id, room: 'shared', own: `own-${n}` };
  });
export const withoutPeople = (server) => ({ ...server, people: (count) => Promise.resolve(nobody(count)) });

const peer = (name, { script, args, env, connection, stores = true }) => ({
  name,
  kind: 'peer',
  stores,
  connection,
  async start(dataFolder, options = {}) {
    const port = await freePort();
    const server = await start({
      script: path.join(folder, script),
      args: args?.(port, dataFolder) ?? [],
      env: env?.(port, dataFolder) ?? {},
      ready,
      cwd: folder,
      ...options,
    });
    return withoutPeople({ ...server, url: `http://127.0.0.1:${port}` });
  },
});

const yWebsocketServer = {
  script: 'node_modules/@y/websocket-server/src/server.js',
  connection: yWebsocketConnection(''),
};
const env = (PORT) => ({ PORT: String(PORT), HOST: '127.0.0.1' });
const given = (port, dataFolder) => [port, dataFolder];

export const peers = [
  peer('y-websocket-server, in memory', { ...yWebsocketServer, env, stores: false }),
  peer('y-websocket-server, LevelDB', {
    ...yWebsocketServer,
    env: (port, dataFolder) => ({ ...env(port), YPERSISTENCE: `${dataFolder}/level` }),
  }),
  peer('Hocuspocus, SQLite', { script: 'hocuspocus.mjs', args: given, connection: HocuspocusConnection }),
  peer('y-socket.io, LevelDB', { script: 'y-socket-io.mjs', args: given, connection: YSocketIoConnection }),
];
