// What every workload needs: quantiles, a server in a process of its own, and the CPU time that it used.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The values below which these shares of the numbers lie. */
export function quantiles(numbers, ...shares) {
  const sorted = Float64Array.from(numbers).sort();
  return shares.map((share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN);
}

export const ms = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(1));

export const until = (time) =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));

/** Starts a program and waits for the line that says it is ready: `{url, code?, cpu(), stop()}`. */
export async function start(script, env, ready) {
  const folder = mkdtempSync(path.join(tmpdir(), 'marginalia-bench-'));
  const child = spawn(process.execPath, [script], {
    cwd: root,
    env: { ...process.env, PORT: '0', LOG_LEVEL: 'warn', DATA_DIR: folder, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const match = await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}: ${text}`)));
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const found = ready.exec(text);
      if (found) resolve(found);
    });
  });
  return {
    url: match[1],
    code: match[2],
    /** CPU seconds of all its threads so far (Linux). */
    cpu: () => cpuSeconds(child.pid),
    stop: async () => {
      child.removeAllListeners('exit');
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function cpuSeconds(pid) {
  let nanoseconds = 0;
  for (const task of readdirSync(`/proc/${pid}/task`))
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  return nanoseconds / 1e9;
}

export const marginalia = (env = {}) =>
  start('dist/server/main.js', env, /^Marginalia is ready at (\S+)\nJoin the reading: \S+\/join\/(\S+)$/m);
export const floor = () => start('bench/floor.mjs', {}, /^ready at (\S+)$/m);

/** Joins by the link and opens the first document: `{id, cookie, room}`, the room being its shared layer. */
export async function join(server, name) {
  const headers = { 'content-type': 'application/json', origin: server.url };
  const answer = await fetch(`${server.url}/api/join/${server.code}`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  const cookie = answer.headers.getSetCookie()[0].split(';', 1)[0];
  const { user } = await answer.json();
  const read = async (path) => (await fetch(server.url + path, { headers: { cookie } })).json();
  const { items } = await read('/api/documents');
  const { layers } = await read(`/api/documents/${items[0].id}`);
  return { id: user.id, cookie, room: `layer:${layers.find(({ kind }) => kind === 'shared').id}` };
}
