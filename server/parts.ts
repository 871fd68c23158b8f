/**
 * The parts over an open database: access, rooms, and the doors to them. A module of its own because it is most of what
 * a start has to load, which is done while the database opens.
 */

import type { RequestListener, Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Notice } from '#core/wire.js';
import { createAccess, type AccessServices } from './access/access.js';
import { isLoopback, type Origins } from './access/origin.js';
import { RoomRights } from './access/rights.js';
import { createLogCare } from './database/care/log-care.js';
import type { Database } from './database/open.js';
import { createRoomLog } from './database/room-log.js';
import { AnnotationNames } from './documents/annotation-names.js';
import { firstGroup, prepareInstance } from './documents/first-start.js';
import { Library } from './documents/library.js';
import { StartError, type Environment } from './environment.js';
import { createHttp } from './http/http.js';
import type { Logger } from './log.js';
import { createMetrics } from './metrics.js';
import { Budgets } from './rooms/budget.js';
import { CommitQueue } from './rooms/commit-queue.js';
import type { LayerNotice } from './rooms/notices.js';
import { openDoor } from './rooms/open-door.js';
import type { Bus, Clock } from './rooms/ports.js';
import { Rooms } from './rooms/registry.js';
import type { LiveRoom } from './rooms/room.js';
import { Admission } from './sockets/admission.js';
import { Connections } from './sockets/connections.js';
import { SocketIoDoor } from './sockets/socket-io.js';
import { YWebsocketDoor } from './sockets/y-websocket.js';

/** What is undone on closing, last first. */
export type Undo = (() => unknown)[];

/** Transactions at the same time: the embedded database has one connection. */
const lanes = { embedded: 1, postgres: 4 };
const sweepEvery = 60 * 60 * 1000;

const clientDir = fileURLToPath(new URL('../client', import.meta.url));
const clock: Clock = { now: () => Date.now() };

export interface Parts {
  readonly access: AccessServices;
  readonly rooms: Rooms;
  readonly origins: Origins;
  readonly budgets: Budgets;
  readonly connections: Connections;
  /** Answers requests. */
  readonly handler: RequestListener;
  /** Of the first group's invitation. */
  readonly code: string;
  /** Set once the sockets are open. */
  notify: (person: string, notice: Notice) => void;
}

export async function assemble(given: {
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
  const budgets = new Budgets(clock);
  const metrics = createMetrics();
  if (bus) shareRights(rights, bus);
  const care = createLogCare(database, { report: (problem, detail) => log.error(detail, problem) });
  undo.push(() => care.close());
  const rooms = new Rooms(
    {
      log: roomLog,
      queue,
      access: rights,
      clock,
      budgets,
      meter: metrics,
      care,
      shared: kind === 'postgres',
      noticed: (layer, notices) => {
        tell(layer, notices).catch((error: unknown) =>
          log.warn({ error }, 'people could not be told of new words'),
        );
      },
      report: (problem, detail) => log.error(detail, problem),
    },
    bus,
  );
  undo.push(() => queue.drained());
  undo.push(() => rooms.close());
  await care.resume();
  const sum = (of: (room: LiveRoom) => number): number =>
    [...rooms.loaded()].reduce((all, room) => all + of(room), 0);
  metrics.watch({
    rooms: () => sum(() => 1),
    readers: () => sum(({ audience }) => audience),
    waiting: () => sum(({ waiting }) => waiting),
  });
  const door = openDoor(rooms);

  const { essay, dataDir, publicUrl } = environment;
  const instance = await prepareInstance({ prisma, door, essay, now: clock.now() });
  if (!instance.ok) throw new StartError(instance.error);
  if (!isLoopback(environment.host) && (await prisma.membership.count({ where: { role: 'owner' } })) === 0)
    log.warn('nobody has joined yet: whoever opens the join link first becomes the owner');
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
    budgets,
    connections: new Connections({ behindProxy: publicUrl !== undefined }),
    code: await access.invitations.printed(await firstGroup(prisma)),
    notify: () => undefined,
    handler: createHttp({
      access,
      library: new Library(prisma, rights, clock),
      names: new AnnotationNames(prisma),
      door,
      budgets,
      origins,
      clock,
      log,
      clientDir,
      behindProxy: publicUrl !== undefined,
      ready: () => database.ping(),
      metrics,
    }),
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
    if (message.kind === 'lost') rights.forget();
    if (message.kind !== 'rights') return;
    told = true;
    rights.changedElsewhere(message.person);
    told = false;
  });
}

export function openSockets(server: Server, parts: Parts, undo: Undo): void {
  const { access, origins, rooms, budgets, connections } = parts;
  const admission = new Admission({
    access: access.rights,
    identify: access.identify,
    ours: ({ headers }) => origins.isOurHost(headers.host) && origins.mayAct(headers),
  });
  const socketIo = new SocketIoDoor(server, { rooms, admission, connections, budgets, clock });
  const yWebsocket = new YWebsocketDoor(server, { rooms, admission, connections, budgets });
  parts.notify = (person, notice) => socketIo.notify(person, notice);
  undo.push(() => {
    yWebsocket.close();
    return socketIo.close();
  });
}
