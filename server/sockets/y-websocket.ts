/**
 * The y-websocket door: `/yjs/<room>` for the unchanged npm client. Its protocol has no acknowledgement; what it is
 * told is sync steps, updates, awareness, and close codes. Nothing that a client sends is read before we know who it is.
 */

import type { RoomName } from '#core/rooms.js';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Budgets } from '../rooms/budget.js';
import type { Rooms } from '../rooms/registry.js';
import { asRoom, bearer, type Admission, type Admitted } from './admission.js';
import type { Connections } from './connections.js';
import { Gathering } from './gathering.js';
import { Line, messageOf } from './line.js';
import { closeCode, YConnection } from './y-connection.js';

/** Milliseconds between two looks at whether the other end is still there. */
const heartbeat = 25_000;
/** Milliseconds in which somebody must have been let in: the database may be away. */
const patience = 30_000;

export interface DoorServices {
  readonly rooms: Rooms;
  readonly admission: Admission;
  readonly connections: Connections;
  readonly budgets: Budgets;
}

export class YWebsocketDoor {
  readonly #wss = new WebSocketServer({
    noServer: true,
    maxPayload: messageOf.guest,
    perMessageDeflate: false,
  });
  readonly #services: DoorServices;
  readonly #gatherings = new Map<RoomName, Gathering>();
  readonly #people = new Set<YConnection>();
  readonly #lines = new Set<Line>();
  readonly #timer: NodeJS.Timeout;

  constructor(server: HttpServer, services: DoorServices) {
    this.#services = services;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      if (path.startsWith('/yjs/')) this.#upgrade(request, socket, head, path);
      else if (!path.startsWith('/socket.io/'))
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    });
    services.admission.onChange((person) => {
      for (const connection of this.#people)
        if (connection.person === person)
          void connection.recheck().catch(() => connection.close('later', 'busy: the database is away'));
    });
    this.#timer = setInterval(() => {
      for (const line of this.#lines) line.heartbeat();
    }, heartbeat).unref();
  }

  /** Tells everyone to come again, and closes. */
  close(): void {
    clearInterval(this.#timer);
    for (const ws of this.#wss.clients) ws.close(closeCode.stopping, 'the server is restarting');
    this.#wss.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, path: string): void {
    const release = this.#services.connections.fromAddress(request);
    if (!release) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 10\r\nConnection: close\r\n\r\n');
      return;
    }
    socket.once('close', release);
    this.#wss.handleUpgrade(request, socket, head, (ws) => this.#serve(ws, request, path));
  }

  #serve(ws: WebSocket, request: IncomingMessage, path: string): void {
    ws.binaryType = 'nodebuffer';
    ws.on('error', () => undefined); // ws closes by itself
    let connection: YConnection | null = null;
    const line = new Line(ws, () => void connection?.emptied());
    line.unknown();
    this.#lines.add(line);
    ws.once('close', () => this.#lines.delete(line));
    const late = setTimeout(() => ws.close(closeCode.later, 'busy: the database is away'), patience);
    this.#enter(line, request, path)
      .then(
        (entered) => {
          connection = entered;
          if (entered) ws.on('message', (data: Buffer) => void entered.receive(data));
        },
        () => ws.close(closeCode.later, 'busy: the database is away'),
      )
      .finally(() => {
        clearTimeout(late);
        line.known();
      });
  }

  async #enter(line: Line, request: IncomingMessage, path: string): Promise<YConnection | null> {
    const { ws } = line;
    const { admission, budgets, rooms } = this.#services;
    const query = new URL(request.url ?? '', 'http://localhost').searchParams.get('token') ?? undefined;
    const admitted = await admission.admit(request, query ?? bearer(request));
    // A token in a query lands in logs and histories: only one that opens a single room may stand there.
    if (!admitted || (query !== undefined && admitted.only === undefined)) {
      ws.close(closeCode.noSession, 'no-session: sign in first');
      return null;
    }
    if (!this.#counted(ws, admitted)) {
      ws.close(closeCode.later, 'busy: you have too many connections open');
      return null;
    }
    if (budgets.retryAfter(admitted.person.id) > 0) {
      ws.close(closeCode.later, 'busy: over your budget');
      return null;
    }
    const name = asRoom(safelyDecoded(path.slice('/yjs/'.length)));
    if (!name || !(await admitted.rights(name))) {
      ws.close(closeCode.refused, 'no-room: there is no such room, or you have no right to it');
      return null;
    }
    const held = await rooms.hold(name);
    if (!line.open) {
      held.release();
      return null;
    }
    const gathering = this.#gatherings.get(name) ?? new Gathering(held.room);
    this.#gatherings.set(name, gathering);
    const connection = new YConnection(line, { admitted, held, gathering, budgets });
    this.#people.add(connection);
    ws.once('close', () => {
      this.#people.delete(connection);
      connection.leave();
      if (gathering.empty && this.#gatherings.get(name) === gathering) this.#gatherings.delete(name);
    });
    connection.greet();
    return connection;
  }

  #counted(ws: WebSocket, { person }: Admitted): boolean {
    const release = this.#services.connections.ofPerson(person.id);
    if (release) ws.once('close', release);
    return release !== null;
  }
}

function safelyDecoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}
