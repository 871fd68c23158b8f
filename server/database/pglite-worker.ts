/**
 * The thread that owns the embedded database. It speaks PostgreSQL's wire protocol over its message port with the one
 * connection of the main thread; in the main thread itself every query would hold up every reader's socket.
 */

import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { syncPath } from './durable-files.js';
import { openDurable } from './durable-pglite.js';
import type { FromWorker, ToWorker, WorkerTask } from './worker-messages.js';

/** First bytes of messages of the wire protocol. */
const terminate = 0x58;
const startup = 0x00;

function syncTree(path: string): void {
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) syncTree(join(path, name));
  syncPath(path);
}

/** Makes a database folder beside its place and moves it there: where the folder is, it is whole. */
async function create(folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  await (await PGlite.create({ dataDir: unfinished })).close();
  syncTree(unfinished);
  renameSync(unfinished, folder);
  syncPath(dirname(folder));
}

async function serve(folder: string, port: MessagePort): Promise<void> {
  if (!existsSync(join(folder, 'PG_VERSION'))) throw new Error(`${folder} holds no database`);
  const { database, synced } = await openDurable(folder, (error) => {
    tell({ kind: 'died', reason: error.message });
    process.exit(1);
  });
  const tell = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

  const query = async (bytes: Uint8Array) => {
    if (bytes[0] === terminate) return;
    // There is one session for good: what the connection before this one left open would swallow the commits of the next.
    if (bytes[0] === startup) {
      await database.exec('ROLLBACK');
      await database.exec('DISCARD ALL');
    }
    const answer = (await database.execProtocolRaw(bytes)).slice();
    tell({ kind: 'bytes', bytes: answer }, [answer.buffer]);
  };
  const handle = async (message: ToWorker) => {
    switch (message.kind) {
      case 'bytes':
        return query(message.bytes);
      case 'count':
        return tell({ kind: 'synced', times: synced() });
      case 'close':
        await database.close();
        return tell({ kind: 'closed' });
    }
  };

  // One after another. PostgreSQL answers its own errors in the protocol: what throws here ends the thread, and with it
  // the server, because nobody knows what is left of the session.
  let turn = Promise.resolve();
  port.on('message', (message: ToWorker) => {
    turn = turn.then(() => handle(message));
  });
  tell({ kind: 'ready' });
}

const task = workerData as WorkerTask;
if (!parentPort) throw new Error('This file is a worker thread');
if (task.kind === 'serve') await serve(task.folder, parentPort);
else {
  await create(task.folder);
  process.exit(0);
}
