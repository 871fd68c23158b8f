/**
 * One server a folder. Two signs are set, because neither alone is enough:
 * - a listening socket whose name is the folder's identity. It vanishes with its process, also after `kill -9`, but is
 *   seen only on the same machine and, on Linux, in the same network namespace;
 * - a heartbeat file in the folder, which other machines and containers that share the volume see too.
 * A heartbeat of our own namespace whose socket is gone is a dead server's: its folder is taken over at once. Any other
 * is watched, by its changes and not by two clocks that may differ, until it has been still for long enough.
 */

import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type Server, connect, createServer } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError } from './database-error.js';

export interface LockOptions {
  /** Called once when another server took the folder, or the heartbeat could not be written for `stale` ms. */
  readonly onLost: (error: Error) => void;
  /** Where the socket is seen: machine, its boot, network namespace. */
  readonly place?: string;
  /** Milliseconds between heartbeats. */
  readonly beat?: number;
  /** Milliseconds after which a heartbeat that stands still is a dead server's. */
  readonly stale?: number;
}

interface Heartbeat {
  /** Random: this very lock. */
  readonly id: string;
  readonly place: string;
  readonly host: string;
  readonly pid: number;
  /** When it last beat, ISO 8601. */
  readonly time: string;
}

const fileName = 'server.json';

/** Returns what gives the folder free again. Throws a DatabaseError when another server has it, or it cannot be written. */
export async function lockFolder(folder: string, options: LockOptions): Promise<() => Promise<void>> {
  const { onLost, place = thisPlace(), beat = 2000, stale = 10_000 } = options;
  await writable(folder, () => mkdir(folder, { recursive: true, mode: 0o700 }));
  const socket = await listen(socketName(folder, place), folder);
  const file = join(folder, fileName);
  const sign = (): Heartbeat => ({
    id,
    place,
    host: hostname(),
    pid: process.pid,
    time: new Date().toISOString(),
  });
  const id = randomUUID();
  try {
    await writable(folder, () => claim(file, sign, { place, beat, stale }));
  } catch (error) {
    await closed(socket);
    throw error;
  }
  const stop = keepBeating(file, sign, { beat, stale, onLost });
  return async () => {
    await stop();
    if ((await readHeartbeat(file))?.id === id) await rm(file, { force: true });
    await closed(socket);
  };
}

/** The reach of our socket. Where there is no /proc, a machine is one place. */
function thisPlace(): string {
  const parts = [hostname()];
  try {
    parts.push(
      readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      readlinkSync('/proc/self/ns/net'),
    );
  } catch {
    // Not Linux.
  }
  return parts.join(' ');
}

function socketName(folder: string, place: string): string {
  const { dev, ino } = statSync(folder);
  const name = `marginalia-${createHash('sha256').update(`${dev}:${ino}:${place}`).digest('hex').slice(0, 32)}`;
  if (process.platform === 'linux') return `\0${name}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${name}` : join(tmpdir(), `${name}.sock`);
}

async function listen(name: string, folder: string): Promise<Server> {
  try {
    return await tryToListen(name);
  } catch (error) {
    if (code(error) !== 'EADDRINUSE') throw error;
    if (process.platform === 'linux' || process.platform === 'win32' || (await answers(name)))
      throw inUse(folder);
    // A socket file outlives its server, unlike the names of Linux and Windows.
    rmSync(name, { force: true });
    return tryToListen(name);
  }
}

const tryToListen = (name: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((connection) => connection.destroy());
    server.once('error', reject);
    server.listen(name, () => resolve(server.unref()));
  });

const answers = (name: string): Promise<boolean> =>
  new Promise((resolve) => {
    const connection = connect(name);
    connection.once('connect', () => resolve(true)).once('error', () => resolve(false));
    connection.once('connect', () => connection.destroy());
  });

const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

interface Pace {
  readonly place: string;
  readonly beat: number;
  readonly stale: number;
}

async function claim(file: string, sign: () => Heartbeat, { place, beat, stale }: Pace): Promise<void> {
  try {
    // Only one of two that come at once can make the file.
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(JSON.stringify(sign()));
    return handle.close();
  } catch (error) {
    if (code(error) !== 'EEXIST') throw error;
  }
  const first = await readHeartbeat(file);
  if (first?.place === place) return write(file, sign());

  // An old time is most likely a dead server's, but its clock may be wrong: a living one beats while we look.
  const old = first !== null && Date.now() - Date.parse(first.time) >= stale;
  await stillFor(file, old ? Math.min(stale, 2 * beat) : stale, beat / 4);
  await write(file, sign());
  // Another may have waited as we did: the last to write has it.
  await delay(beat / 2);
  const winner = await readHeartbeat(file);
  if (winner?.id !== sign().id) throw inUse(join(file, '..'), winner);
}

/** Throws when the heartbeat changes within that many milliseconds. */
async function stillFor(file: string, milliseconds: number, step: number): Promise<void> {
  const before = await readHeartbeat(file);
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    await delay(step);
    const now = await readHeartbeat(file);
    if (now && (now.id !== before?.id || now.time !== before.time)) throw inUse(join(file, '..'), now);
  }
}

interface Beating {
  readonly beat: number;
  readonly stale: number;
  readonly onLost: (error: Error) => void;
}

/** Returns what ends it. */
function keepBeating(
  file: string,
  sign: () => Heartbeat,
  { beat, stale, onLost }: Beating,
): () => Promise<void> {
  let last = performance.now();
  let beating = Promise.resolve();
  const once = async () => {
    try {
      const found = await readHeartbeat(file);
      if (found && found.id !== sign().id)
        return lose(`Another server (${found.host}, process ${found.pid}) took the data folder`);
      await write(file, sign());
      last = performance.now();
    } catch (error) {
      if (performance.now() - last >= stale)
        lose(`The data folder's ${fileName} cannot be written: ${String(error)}`);
    }
  };
  const timer = setInterval(() => {
    beating = beating.then(once);
  }, beat);
  timer.unref();
  const lose = (message: string) => {
    clearInterval(timer);
    onLost(new DatabaseError(`${message}: nothing can be stored any more`));
  };
  return () => {
    clearInterval(timer);
    return beating;
  };
}

/** null: there is none, or it is being written. */
async function readHeartbeat(file: string): Promise<Heartbeat | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Heartbeat;
  } catch (error) {
    if (code(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Readers see the old one or the new one, never half of one. */
async function write(file: string, heartbeat: Heartbeat): Promise<void> {
  const next = `${file}.${heartbeat.id}`;
  await writeFile(next, JSON.stringify(heartbeat), { mode: 0o600 });
  await rename(next, file);
}

const inUse = (folder: string, by?: Heartbeat | null): DatabaseError =>
  new DatabaseError(
    `The data folder ${folder} is in use by another server${by ? ` (${by.host}, process ${by.pid})` : ''}: stop it, or set DATA_DIR to another folder`,
  );

async function writable<T>(folder: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof DatabaseError || code(error) === undefined) throw error;
    throw new DatabaseError(`The data folder ${folder} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

const code = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
