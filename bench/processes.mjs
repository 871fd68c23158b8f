// Servers in processes of their own: started, watched (CPU time, memory), stopped, killed, started again on the same folder.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clearTimeout } from 'node:timers';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const inBench = (name) => fileURLToPath(new URL(name, import.meta.url));

const running = new Set();
const folders = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** A folder for one server's data; gone when the run ends. */
export function newFolder() {
  const folder = mkdtempSync(path.join(tmpdir(), 'marginalia-bench-'));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/** `--import` of modules of `bench/preload`, which run before the program in all of its threads. */
const preloading = (names) =>
  names.map((name) => `--import=${pathToFileURL(inBench(`preload/${name}.mjs`)).href}`).join(' ');

/**
 * Starts a program and waits for the line that says it is ready.
 *
 * @param preload names of modules of `bench/preload`.
 */
export async function start({ script, args = [], env = {}, ready, preload = [], cwd = root }) {
  const child = spawn(process.execPath, [script, ...args.map(String)], {
    cwd,
    env: { ...process.env, NODE_OPTIONS: preloading(preload), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  running.add(child);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  void ended.then(() => running.delete(child));
  let said = '';
  let expected = false;
  const keep = (chunk) => (said = (said + chunk).slice(-4000));
  child.stderr.on('data', keep);
  const match = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${script} ended with ${code}: ${said}`)));
    child.stdout.on('data', (chunk) => {
      keep(chunk);
      const found = ready.exec(said);
      if (found) resolve(found);
    });
  });
  child.once('exit', (code, signal) => {
    if (!expected) console.error(`${script} ended by itself (${code ?? signal}): ${said}`);
  });
  return {
    match,
    pid: child.pid,
    /** CPU seconds of all its threads so far (Linux). */
    cpu: () => cpuSeconds(child.pid),
    /** After a collection of garbage, in bytes: `{rss, heap}`. Needs the preload `memory`. */
    memory: () => ask(child, 'memory'),
    tell: (message) => child.send(message),
    ended,
    stop: () => {
      expected = true;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      return ended.finally(() => clearTimeout(timer));
    },
    kill: () => {
      expected = true;
      child.kill('SIGKILL');
      return ended;
    },
  };
}

function ask(child, question) {
  return new Promise((resolve) => {
    const hear = (message) => {
      if (message?.answers !== question) return;
      child.off('message', hear);
      resolve(message.answer);
    };
    child.on('message', hear);
    child.send({ bench: question });
  });
}

/** Threads that have ended by now are not counted: none of these servers ends one while it is measured. */
function cpuSeconds(pid) {
  let nanoseconds = 0;
  for (const task of readdirSync(`/proc/${pid}/task`))
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  return nanoseconds / 1e9;
}

/** Waits until the process has nothing to do: what it puts off after much work is done. */
export async function settled(server, milliseconds = 60_000) {
  const end = performance.now() + milliseconds;
  let quiet = 0;
  let before = server.cpu();
  while (quiet < 3 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = server.cpu();
    quiet = now - before < 0.03 ? quiet + 1 : 0;
    before = now;
  }
}
