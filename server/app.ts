/**
 * Puts the server together: a database, the rooms over its log, and the doors to them. Each part is handed what it
 * needs; none of them finds another by itself.
 */

import { existsSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { Environment } from './environment.js';
import { StartError } from './environment.js';
import { createOrigins } from './access/origin.js';
import { openDatabase, type Database } from './database/open.js';
import { claimDatabase } from './database/sole-server.js';
import type { Logger } from './log.js';
import type { Undo } from './parts.js';
import type { Bus } from './rooms/ports.js';

export interface App {
  /** Where people find it. */
  readonly url: string;
  readonly joinUrl: string;
  /** Takes no more, ends what is in flight, closes the database. */
  close(): Promise<void>;
}

/** Milliseconds that a client may take to say what it wants: who sends a byte now and then holds nothing for long. */
const patience = {
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
};

/** Listens first, so that a taken port is known before anything is made. Throws a StartError for what a host can mend. */
export async function startApp(
  environment: Environment,
  log: Logger,
  onFatal: (error: Error) => void,
): Promise<App> {
  const undo: Undo = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    // Until all is put together a request is told to come again.
    let handler: RequestListener = (_request, response) =>
      response.writeHead(503, { 'Retry-After': '1' }).end();
    const server = createServer(patience, (request, response) => handler(request, response));
    const port = await listen(server, environment);
    undo.push(() => server.closeAllConnections());
    const origins = createOrigins({
      publicUrl: environment.publicUrl,
      host: environment.host,
      port: () => port,
    });
    // Loaded while the database opens in its own thread: together they are most of what a start waits for.
    const loading = import('./parts.js');
    loading.catch(() => undefined);
    const database = await openStore(environment, log, onFatal, undo);
    const bus =
      environment.redisUrl === undefined ? undefined : await openBus(environment.redisUrl, log, undo);
    const { assemble, openSockets } = await loading;
    const parts = await assemble({ environment, log, origins, database, bus, undo });
    handler = parts.handler;
    openSockets(server, parts, undo);
    undo.push(() => server.close());
    return { url: origins.base, joinUrl: `${origins.base}/join/${parts.code}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openStore(
  { databaseUrl, dataDir, essay, redisUrl }: Environment,
  log: Logger,
  onFatal: (error: Error) => void,
  undo: Undo,
): Promise<Database> {
  // Before a database is made: with an essay that cannot be read an empty one would stay behind.
  if (essay !== undefined && databaseUrl === undefined && !existsSync(dataDir)) {
    const { readEssay } = await import('./documents/essay.js');
    const text = await readEssay(essay);
    if (!text.ok) throw new StartError(text.error);
  }
  const database = await openDatabase({
    ...(databaseUrl !== undefined && { databaseUrl }),
    dataDir,
    log,
    onFatal,
  });
  undo.push(() => database.close());
  if (databaseUrl !== undefined)
    undo.push(await claimDatabase({ databaseUrl, shared: redisUrl !== undefined, log, onFatal }));
  return database;
}

async function openBus(url: string, log: Logger, undo: Undo): Promise<Bus> {
  const { openRedisBus } = await import('./cluster/redis-bus.js');
  const bus = openRedisBus(url, (problem, detail) => log.warn(detail, problem));
  undo.push(() => bus.close());
  return bus;
}

async function listen(server: Server, { host, port }: Environment): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `port ${port} of ${host} is taken: set PORT to another one`
          : error.code === 'EACCES'
            ? `port ${port} may not be used by this user: set PORT to one above 1023`
            : `${host}:${port} cannot be listened on: ${error.message}`;
      reject(new StartError(`PORT: ${why}`));
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}
