/**
 * The Socket.IO door: who comes in, and what all connections share. What one connection says is in
 * `socket-io-connection.ts`; the rules of rooms are not here.
 */

import type { ClientToServer, Notice, ServerToClient } from '#core/wire.js';
import type { RoomName } from '#core/rooms.js';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import * as parser from 'socket.io-parser';
import { Server, type Socket } from 'socket.io';
import type { Budgets } from '../rooms/budget.js';
import type { Clock } from '../rooms/ports.js';
import type { Held, Rooms } from '../rooms/registry.js';
import { bearer, type Admission } from './admission.js';
import type { Connections } from './connections.js';
import { Crowd } from './crowd.js';
import { Engine } from './engine.js';
import { messageOf } from './line.js';
import { RoomDecoder } from './room-decoder.js';
import { SocketIoConnection } from './socket-io-connection.js';

export interface SocketIoServices {
  readonly rooms: Rooms;
  readonly admission: Admission;
  readonly connections: Connections;
  readonly budgets: Budgets;
  readonly clock: Clock;
}

type Data = { connection: SocketIoConnection };
type Client = Socket<ClientToServer, ServerToClient, Record<string, never>, Data>;

/** Milliseconds in which an opened socket must say who it is, and in which it must answer a ping. */
const greeting = 10_000;
const answering = 40_000;

export class SocketIoDoor {
  readonly #io: Server<ClientToServer, ServerToClient, Record<string, never>, Data>;
  readonly #services: SocketIoServices;
  readonly #engines = new WeakMap<object, { engine: Engine; counted: boolean }>();
  readonly #crowds = new Map<RoomName, Crowd>();

  constructor(server: HttpServer, services: SocketIoServices) {
    this.#services = services;
    this.#io = new Server(server, {
      path: '/socket.io',
      serveClient: false,
      perMessageDeflate: false,
      destroyUpgrade: false,
      connectTimeout: greeting,
      pingTimeout: answering,
      maxHttpBufferSize: messageOf.stranger,
      parser: { ...parser, Decoder: RoomDecoder },
    });
    this.#io.engine.on('connection', (connection: object & { request: IncomingMessage }) =>
      this.#open(connection),
    );
    this.#io.use((socket, next) => {
      this.#admit(socket).then(
        (refused) => (refused ? next(refusal(refused)) : next()),
        () => next(refusal('busy')),
      );
    });
    this.#io.on('connection', ({ data }) => data.connection.serve());
    services.admission.onChange((person) => void this.#recheck(person));
  }

  /** Tells one person, on every device. */
  notify(person: string, notice: Notice): void {
    for (const { data } of this.#of(person)) data.connection.notify(notice);
  }

  /** Tells everyone to come again, and closes. */
  async close(): Promise<void> {
    this.#io.disconnectSockets(true);
    await this.#io.close();
  }

  #open(connection: object & { request: IncomingMessage }): void {
    let client: Client | undefined;
    const engine = new Engine(connection, () => client?.data.connection.emptied());
    const release = this.#services.connections.fromAddress(connection.request);
    if (release) engine.onceClosed(release);
    this.#engines.set(connection, { engine, counted: release !== null });
    this.#clients.set(engine, (one) => (client = one));
  }
  readonly #clients = new WeakMap<Engine, (client: Client) => void>();

  async #admit(socket: Client): Promise<'no-session' | 'busy' | null> {
    const { admission, connections, budgets } = this.#services;
    const opened = this.#engines.get(socket.conn);
    if (!opened?.counted) {
      // Told why, and then closed: it would stay open for others of its address to wait on.
      setTimeout(() => opened?.engine.close(), 1_000).unref();
      return 'busy';
    }
    const { token } = socket.handshake.auth as { token?: unknown };
    const given = typeof token === 'string' ? token : bearer(socket.request);
    const admitted = await admission.admit(socket.request, given);
    if (!admitted) return 'no-session';
    const release = connections.ofPerson(admitted.person.id);
    if (!release || budgets.retryAfter(admitted.person.id) > 0) {
      release?.();
      return 'busy';
    }
    const { engine } = opened;
    engine.onceClosed(release);
    engine.takes(messageOf.guest);
    const crowds = { join: this.#join, leave: this.#leave, emptied: this.#emptied };
    socket.data.connection = new SocketIoConnection(socket, { ...this.#services, admitted, engine, crowds });
    this.#clients.get(engine)?.(socket);
    return null;
  }

  readonly #join = (room: RoomName, held: Held, socket: Socket, engine: Engine): void => {
    const crowd = this.#crowds.get(room) ?? new Crowd(room, held);
    this.#crowds.set(room, crowd);
    crowd.join(socket, engine);
  };
  readonly #leave = (room: RoomName, socket: Socket): void => {
    if (this.#crowds.get(room)?.leave(socket)) this.#crowds.delete(room);
  };
  readonly #emptied = (room: RoomName, socket: Socket): void => this.#crowds.get(room)?.emptied(socket);

  *#of(person: string): Generator<Client> {
    for (const socket of this.#io.sockets.sockets.values())
      if (socket.data.connection.person === person) yield socket;
  }

  /** Something about this person changed: who is signed out goes, and rooms whose right ended close. */
  async #recheck(person: string): Promise<void> {
    for (const { data, conn } of [...this.#of(person)])
      // The database is away: whoever may stay comes again by himself.
      await data.connection.recheck().catch(() => conn.close());
  }
}

const refusal = (code: 'no-session' | 'busy'): Error => Object.assign(new Error(code), { data: { code } });
