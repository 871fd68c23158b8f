// What is measured: each server with the way in that is used. All of them do the same work.
import { MarginaliaConnection, RelayConnection, yWebsocketConnection } from './connections.mjs';
import { joinAll } from './people.mjs';
import { withoutPeople } from './peers.mjs';
import { inBench, start } from './processes.mjs';

/** A server of ours on this folder. `env` and `preload` as the workload wants them. */
export async function startMarginalia(folder, { env, ...options } = {}) {
  const server = await start({
    script: 'dist/server/main.js',
    env: { PORT: '0', HOST: '127.0.0.1', PUBLIC_URL: '', LOG_LEVEL: 'warn', DATA_DIR: folder, ...env },
    ready: /^Marginalia is ready at http:\/\/\S+:(\d+)\nJoin the reading: \S+\/join\/(\S+)$/m,
    ...options,
  });
  const at = { ...server, url: `http://127.0.0.1:${server.match[1]}`, code: server.match[2] };
  return { ...at, people: (count) => joinAll(at, count) };
}

export const relay = {
  name: 'bare relay',
  kind: 'relay',
  stores: false,
  connection: RelayConnection,
  async start(_folder, options = {}) {
    const server = await start({ script: inBench('floor.mjs'), ready: /^ready at (\S+)$/m, ...options });
    return withoutPeople({ ...server, url: server.match[1] });
  },
};

const ours = (door, connection) => ({
  name: `Marginalia, ${door}`,
  kind: 'marginalia',
  stores: true,
  connection,
  start: startMarginalia,
});

export const bySocketIo = ours('Socket.IO', MarginaliaConnection);
export const byYWebsocket = ours('y-websocket', yWebsocketConnection('/yjs'));
export const doors = [byYWebsocket, bySocketIo];
