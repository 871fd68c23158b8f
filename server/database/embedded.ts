/**
 * The embedded database: PGlite in a worker thread behind a pool of one connection. One server a folder: two would
 * silently lose each other's commits.
 */

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { DatabaseError } from './database-error.js';
import { lockFolder } from './folder-lock.js';
import { keepTidy } from './maintenance.js';
import type { Log } from './log.js';
import { WireStream } from './wire-stream.js';
import type { FromWorker, ToWorker, WorkerTask } from './worker-messages.js';

export interface Embedded {
  readonly pool: pg.Pool;
  fsyncs(): Promise<number>;
  startMaintenance(): void;
  close(): Promise<void>;
}

/** Throws a DatabaseError when the folder is in use, cannot be written, or holds what cannot be opened. */
export async function openEmbedded(
  dataDir: string,
  log: Log,
  onFatal: (error: Error) => void,
): Promise<Embedded> {
  const unlock = await lockFolder(dataDir, { onLost: onFatal });
  try {
    const folder = join(dataDir, 'database');
    if (!existsSync(folder)) {
      log.info({ folder }, 'Making the embedded database: this takes some seconds, once');
      await createDatabase(folder);
    }
    const thread = await DatabaseThread.start(folder, onFatal);
    const pool = new pg.Pool(connection(thread));
    let tidying: { stop(): Promise<void> } | undefined;
    return {
      pool,
      fsyncs: () => thread.fsyncs(),
      startMaintenance: () => {
        tidying = keepTidy(pool, log);
      },
      close: async () => {
        await tidying?.stop();
        await pool.end();
        await thread.close();
        await unlock();
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Everything is said here, so that no PG* variable of the environment speaks for it. */
const connection = (thread: DatabaseThread): pg.PoolConfig => ({
  stream: () => thread.connect(),
  user: 'postgres',
  password: '',
  database: 'postgres',
  host: 'embedded',
  ssl: false,
  max: 1,
  idleTimeoutMillis: 0,
});

const startWorker = (task: WorkerTask): Worker =>
  new Worker(createRequire(import.meta.url).resolve('#pglite-worker'), { workerData: task });

/** In a thread of its own that ends: making a database takes several hundred MB, which WebAssembly never gives back. */
async function createDatabase(folder: string): Promise<void> {
  const worker = startWorker({ kind: 'create', folder });
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  }).catch((error: unknown) => {
    throw new DatabaseError(`The embedded database could not be made in ${folder}: ${reason(error)}`, {
      cause: error,
    });
  });
}

class DatabaseThread {
  readonly #worker: Worker;
  readonly #onFatal: (error: Error) => void;
  #stream: WireStream | null = null;
  #dead: Error | null = null;
  #closing = false;
  #counting: ((times: number) => void)[] = [];

  private constructor(worker: Worker, onFatal: (error: Error) => void) {
    this.#worker = worker;
    this.#onFatal = onFatal;
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error) => this.#die(error));
    worker.on('exit', () => this.#die(new Error('Its thread ended')));
  }

  static async start(folder: string, onFatal: (error: Error) => void): Promise<DatabaseThread> {
    const worker = startWorker({ kind: 'serve', folder });
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', () => resolve());
    }).catch((error: unknown) => {
      throw new DatabaseError(`The embedded database in ${folder} could not be opened: ${reason(error)}`, {
        cause: error,
      });
    });
    return new DatabaseThread(worker, onFatal);
  }

  connect(): WireStream {
    const stream = new WireStream(
      (bytes) => this.#send({ kind: 'bytes', bytes }, [bytes.buffer]),
      () => {
        if (this.#stream === stream) this.#stream = null;
      },
    );
    if (this.#dead) stream.destroy(this.#dead);
    else this.#stream = stream;
    return stream;
  }

  fsyncs(): Promise<number> {
    return new Promise((resolve) => {
      this.#counting.push(resolve);
      this.#send({ kind: 'count' });
    });
  }

  /** Ends the session as PostgreSQL does: with a checkpoint. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#dead) return;
    const ended = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    this.#send({ kind: 'close' });
    await ended;
  }

  #send(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'bytes':
        this.#stream?.receive(message.bytes);
        break;
      case 'synced':
        this.#counting.shift()?.(message.times);
        break;
      case 'closed':
        void this.#worker.terminate();
        break;
      case 'died':
        this.#die(new Error(message.reason));
        break;
      case 'ready':
        break;
    }
  }

  #die(cause: Error): void {
    if (this.#dead) return;
    this.#dead = new DatabaseError(`The embedded database died: ${cause.message}`, { cause });
    this.#stream?.destroy(this.#closing ? undefined : this.#dead);
    if (!this.#closing) this.#onFatal(this.#dead);
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
