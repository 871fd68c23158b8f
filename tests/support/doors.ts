/** Both doors over rooms in memory, in this process: what a socket holds back, and what a room costs, can be looked at. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import { v7 as uuid } from 'uuid';
import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { noRights, rightsOf, type Rights, type Role } from '../../core/roles.js';
import { roomName, type RoomName } from '../../core/rooms.js';
import { Budgets } from '../../server/rooms/budget.js';
import { CommitQueue } from '../../server/rooms/commit-queue.js';
import type { Bus, Person, RoomLog } from '../../server/rooms/ports.js';
import { Rooms } from '../../server/rooms/registry.js';
import { Admission, type Credentials, type Identity } from '../../server/sockets/admission.js';
import { Connections } from '../../server/sockets/connections.js';
import { SocketIoDoor } from '../../server/sockets/socket-io.js';
import { YWebsocketDoor } from '../../server/sockets/y-websocket.js';
import { MemoryRoomLog, MemoryStore } from './memory-room-log.js';
import { Wire } from './people.js';

export interface Options {
  readonly log?: RoomLog;
  readonly bus?: Bus;
  readonly connections?: Connections;
  /** Milliseconds since 1970; budgets fill by it. */
  readonly now?: () => number;
  /** Called with who wants to come in, and awaited. */
  readonly admitting?: () => Promise<void>;
}

export class Doors {
  readonly rooms: Rooms;
  readonly budgets: Budgets;
  readonly room: RoomName = roomName('layer', uuid());
  readonly problems: unknown[] = [];
  readonly server = createServer();
  readonly #people = new Map<string, Person>();
  readonly #rights = new Map<string, Rights>();
  readonly #changed: ((person: string) => void)[] = [];

  private constructor(options: Options) {
    const clock = { now: options.now ?? (() => Date.now()) };
    const log = options.log ?? new MemoryRoomLog(new MemoryStore());
    const access = {
      rights: (id: string) => this.#rights.get(id) ?? noRights,
      onChange: (listener: (person: string) => void) => void this.#changed.push(listener),
    };
    this.budgets = new Budgets(clock);
    this.rooms = new Rooms(
      {
        log,
        queue: new CommitQueue(log, 1),
        access,
        clock,
        shared: options.bus !== undefined,
        budgets: this.budgets,
        report: (problem, detail) => this.problems.push([problem, detail]),
      },
      options.bus,
    );
    const identify = async ({ token }: Credentials): Promise<Identity | null> => {
      await options.admitting?.();
      const person = this.#people.get(token ?? '');
      return person ? { person } : null;
    };
    const services = {
      rooms: this.rooms,
      admission: new Admission({ access, identify, ours: () => true }),
      connections: options.connections ?? new Connections({ behindProxy: false }),
      budgets: this.budgets,
      clock,
    };
    const doors = [new YWebsocketDoor(this.server, services), new SocketIoDoor(this.server, services)];
    onTestFinished(async () => {
      for (const door of doors) await door.close();
      this.server.closeAllConnections();
      this.server.close();
      await this.rooms.close();
    });
  }

  static async open(options: Options = {}): Promise<Doors> {
    const doors = new Doors(options);
    await new Promise<void>((resolve) => doors.server.listen(0, '127.0.0.1', resolve));
    return doors;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  person(name: string, role: Role = 'owner'): Person {
    const person = { id: uuid(), name };
    this.knows(person, role);
    return person;
  }

  knows(person: Person, role: Role | null): void {
    this.#people.set(person.id, person);
    this.#rights.set(person.id, role ? rightsOf(role) : noRights);
  }

  /** As when an owner changes somebody's role. */
  changeRole(person: Person, role: Role | null): void {
    this.knows(person, role);
    for (const listener of this.#changed) listener(person.id);
  }

  raw(person: Person, headers: Record<string, string> = {}): WebSocket {
    const address = `${this.url.replace('http', 'ws')}/yjs/${this.room}`;
    const socket = new WebSocket(address, { headers: { authorization: `Bearer ${person.id}`, ...headers } });
    socket.on('error', () => undefined);
    onTestFinished(() => socket.terminate());
    return socket;
  }

  provider(person: Person, doc = new Y.Doc(), room = this.room): WebsocketProvider {
    const withToken = class extends WebSocket {
      constructor(address: string | URL) {
        super(address, { headers: { authorization: `Bearer ${person.id}` } });
      }
    };
    const provider = new WebsocketProvider(`${this.url.replace('http', 'ws')}/yjs`, room, doc, {
      WebSocketPolyfill: withToken as unknown as typeof globalThis.WebSocket,
      disableBc: true,
    });
    onTestFinished(() => provider.destroy());
    return provider;
  }

  async yWebsocket(person: Person, doc = new Y.Doc(), room = this.room): Promise<WebsocketProvider> {
    const provider = this.provider(person, doc, room);
    await new Promise<void>((resolve, reject) => {
      provider.on('sync', (synced) => synced && resolve());
      provider.on('connection-close', (event) => event && reject(new Error(`${event.code} ${event.reason}`)));
    });
    return provider;
  }

  /** Rejects with what the server says no with. */
  async connect(person: Person, headers: Record<string, string> = {}): Promise<Socket> {
    const socket = io(this.url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth: { token: person.id },
      extraHeaders: headers,
    });
    onTestFinished(() => void socket.disconnect());
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    return socket;
  }

  async socketIo(person: Person, room = this.room): Promise<Wire> {
    const wire = new Wire(await this.connect(person), room);
    const answer = await wire.join();
    if (!answer.ok) throw new Error(`room:join: ${answer.code}`);
    return wire;
  }
}
