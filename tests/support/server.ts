/** The real server as a child process, on a free port and a folder of its own: started, stopped, killed and started again. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface RunningServer {
  /** Such as http://localhost:41234. */
  readonly url: string;
  readonly joinUrl: string;
  readonly code: string;
  readonly process: ChildProcess;
  /** All that it printed so far. */
  output(): string;
  /** Ends it with the signal; resolves with the exit code (null when killed). */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** A fresh folder for a server's data, removed by `remove`. */
export function dataFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'marginalia-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export function spawnServer(env: Record<string, string>): ChildProcess {
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !['PORT', 'HOST', 'PUBLIC_URL', 'DATABASE_URL', 'REDIS_URL', 'ESSAY', 'LOG_LEVEL'].includes(name),
    ),
  );
  return spawn(process.execPath, ['dist/server/main.js'], {
    cwd: root,
    env: { ...clean, PORT: '0', LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Rejects with what the server printed when it ends before it is ready. */
export async function startServer(env: Record<string, string>): Promise<RunningServer> {
  const child = spawnServer(env);
  let text = '';
  const ready = new Promise<RegExpExecArray>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      const lines = /^Marginalia is ready at (\S+)\nJoin the reading: (\S+\/join\/(\S+))$/m.exec(text);
      if (lines) resolve(lines);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${text}`)));
  });
  const [, url = '', joinUrl = '', code = ''] = await ready;
  return {
    url,
    joinUrl,
    code,
    process: child,
    output: () => text,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill(signal);
      const [exitCode] = (await ended) as [number | null];
      return exitCode;
    },
  };
}
