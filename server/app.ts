/**
 * Puts the server together: a database, the rooms over its log, and the doors to them. Each part is handed what it
 * needs; none of them finds another by itself.
 */

import type { Notice } from '#core/wire.js';
import { createServer, type RequestListener, type Server } from 'node:http';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Environment } from './environment.js';
import { StartError } from './environment.js';
import { createAccess, type AccessServices } from './access/access.js';
import { createOrigins, type Origins } from './access/origin.js';
import { RoomRights } from './access/rights.js';
import { openRedisBus } from './cluster/redis-bus.js';
import { openDatabase, type Database } from './database/open.js';
import { createRoomLog } from './database/room-log.js';
import { claimDatabase } from './database/sole-server.js';
import { readEssay } from './documents/essay.js';
import { AnnotationNames } from './documents/annotation-names.js';
import { firstGroup, prepareInstance } from './documents/first-start.js';
import { Library } from './documents/library.js';
import { createHttp, type HttpServices } from './http/http.js';
import type { Logger } from './log.js';
import { CommitQueue } from './rooms/commit-queue.js';
import type { LayerNotice } from './rooms/notices.js';
import { openDoor } from './rooms/open-door.js';
import type { Bus, Clock } from './rooms/ports.js';
import { Rooms } from './rooms/registry.js';
import { Admission } from './sockets/admission.js';
import { SocketIoDoor } from './sockets/socket-io.js';
import { YWebsocketDoor } from './sockets/y-websocket.js';

export interface App {
  /** Where people find it. */
  readonly url: string;
  readonly joinUrl: string;
  /** Takes no more, ends what is in flight, closes the database. */
  close(): Promise<void>;
}

/** Transactions at the same time: the embedded database has one connection. */
const lanes = { embedded: 1, postgres: 4 };
const sweepEvery = 60 * 60 * 1000;

const clientDir = fileURLToPath(new URL('../client', import.meta.url));
const clock: Clock = { now: () => Date.now() };

/** What is undone on closing, last first. */
type Undo = (() => unknown)[];

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
    const server = createServer((request, response) => handler(request, response));
    const port = await listen(server, environment);
    undo.push(() => server.closeAllConnections());
    const origins = createOrigins({
      publicUrl: environment.publicUrl,
      host: environment.host,
      port: () => port,
    });
    const database = await openStore(environment, log, onFatal, undo);
    const bus = environment.redisUrl === undefined ? undefined : openBus(environment.redisUrl, log, undo);
    const parts = await assemble({ environment, log, origins, database, bus, undo });
    handler = createHttp(parts.http);
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

function openBus(url: string, log: Logger, undo: Undo): Bus {
  const bus = openRedisBus(url, (problem, detail) => log.warn(detail, problem));
  undo.push(() => bus.close());
  return bus;
}

interface Parts {
  readonly access: AccessServices;
  readonly rooms: Rooms;
  readonly origins: Origins;
  readonly http: HttpServices;
  /** Of the first group's invitation. */
  readonly code: string;
  /** Set once the sockets are open. */
  notify: (person: string, notice: Notice) => void;
}

async function assemble(given: {
  environment: Environment;
  log: Logger;
  origins: Origins;
  database: Database;
  bus: Bus | undefined;
  undo: Undo;
}): Promise<Parts> {
  const { environment, log, origins, database, bus, undo } = given;
  const { prisma, kind } = database;
  const roomLog = createRoomLog(database);
  const queue = new CommitQueue(roomLog, lanes[kind]);
  const rights = new RoomRights(prisma);
  if (bus) shareRights(rights, bus);
  const rooms = new Rooms(
    {
      log: roomLog,
      queue,
      access: rights,
      clock,
      shared: kind === 'postgres',
      noticed: (layer, notices) => void tell(layer, notices),
      report: (problem, detail) => log.error(detail, problem),
    },
    bus,
  );
  undo.push(() => queue.drained());
  undo.push(() => rooms.close());
  const door = openDoor(rooms);

  const { essay, dataDir, publicUrl } = environment;
  const instance = await prepareInstance({ prisma, door, essay, now: clock.now() });
  if (!instance.ok) throw new StartError(instance.error);
  const secure = origins.base.startsWith('https:');
  const access = createAccess({ prisma, rights, instance: instance.value.id, secure, clock, dataDir });
  const sweep = setInterval(() => {
    access.sweep().catch((error: unknown) => log.warn({ error }, 'what has expired could not be taken away'));
  }, sweepEvery);
  undo.push(() => clearInterval(sweep));

  const tell = async (layer: string, notices: readonly LayerNotice[]): Promise<void> => {
    for (const { to, by, kind: why, annotation } of notices) {
      // Who may not read the layer is not told.
      const place = await rights.layer(to, layer);
      if (!place) continue;
      const person = await prisma.person.findUnique({ where: { id: by }, select: { id: true, name: true } });
      if (person) parts.notify(to, { kind: why, document: place.document, layer, annotation, by: person });
    }
  };

  const parts: Parts = {
    access,
    rooms,
    origins,
    code: await access.invitations.printed(await firstGroup(prisma)),
    notify: () => undefined,
    http: {
      access,
      library: new Library(prisma, rights, clock),
      names: new AnnotationNames(prisma),
      door,
      origins,
      clock,
      log,
      clientDir,
      behindProxy: publicUrl !== undefined,
      ready: () => database.ping(),
    },
  };
  return parts;
}

/** A right that ends on one server ends on all. */
function shareRights(rights: RoomRights, bus: Bus): void {
  let told = false;
  rights.onChange((person) => {
    if (!told) bus.publish({ kind: 'rights', person });
  });
  bus.subscribe((message) => {
    if (message.kind !== 'rights') return;
    told = true;
    rights.changedElsewhere(message.person);
    told = false;
  });
}

function openSockets(server: Server, parts: Parts, undo: Undo): void {
  const { access, origins, rooms } = parts;
  const admission = new Admission({
    access: access.rights,
    identify: access.identify,
    ours: ({ headers }) => origins.isOurHost(headers.host) && origins.mayAct(headers),
  });
  const socketIo = new SocketIoDoor(server, { rooms, admission, clock });
  const yWebsocket = new YWebsocketDoor(server, { rooms, admission });
  parts.notify = (person, notice) => socketIo.notify(person, notice);
  undo.push(() => {
    yWebsocket.close();
    return socketIo.close();
  });
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
