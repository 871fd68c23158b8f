/**
 * The Socket.IO door: the events of `core/wire.ts`. It checks what comes in, hands it to the room, and passes on
 * what the room says; the rules of rooms are not here.
 */

import {
  presenceBytes,
  presenceSet,
  roomJoin,
  roomLeave,
  roomUpdate,
  type ClientToServer,
  type JoinAnswer,
  type Notice,
  type RoomClosed,
  type ServerToClient,
  type UpdateAnswer,
} from '#core/wire.js';
import { encodeInPieces } from '#core/pieces.js';
import type { RefusalCode } from '#core/result.js';
import type { Rights } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import type { Server as HttpServer } from 'node:http';
import { randomInt } from 'node:crypto';
import { Server, type Socket } from 'socket.io';
import * as Y from 'yjs';
import type { Clock } from '../rooms/ports.js';
import type { Held, Rooms } from '../rooms/registry.js';
import { asRoom, bearer, colorOf, type Admission, type Admitted } from './admission.js';
import { PreparedFrameAdapter } from './prepared-frame-adapter.js';

type Connection = Socket<ClientToServer, ServerToClient, Record<string, never>, { admitted: Admitted }>;

interface Joined {
  readonly held: Held;
  readonly presenceId: number;
  /** As the join answered: a page offers what this allows. */
  may: Rights;
  /** The next update is the first since the join: it may hold what others wrote and the log lacks. */
  fresh: boolean;
}

/** Bytes of one message: the largest update that a room takes, and a little for its envelope. */
const messageBytes = 16 * 1024 * 1024 + 64 * 1024;
/** Pieces of a join's answer: Socket.IO clients refuse a packet of more than ten binaries. */
const joinPieces = 8;
/** Rooms that one connection may be in. */
const roomsPerConnection = 64;

const no = (code: RefusalCode, message: string): { ok: false; code: RefusalCode; message: string } => ({
  ok: false,
  code,
  message,
});
const noRoom = no('no-room', 'there is no such room, or you have no right to it');

export class SocketIoDoor {
  readonly #io: Server<ClientToServer, ServerToClient, Record<string, never>, { admitted: Admitted }>;
  readonly #rooms: Rooms;
  readonly #admission: Admission;
  readonly #clock: Clock;
  /** Rooms that this door listens to, and how many of its sockets are in each. */
  readonly #listening = new Map<RoomName, { sockets: number; stop: () => void }>();

  constructor(server: HttpServer, services: { rooms: Rooms; admission: Admission; clock: Clock }) {
    this.#rooms = services.rooms;
    this.#admission = services.admission;
    this.#clock = services.clock;
    this.#io = new Server(server, {
      path: '/socket.io',
      serveClient: false,
      perMessageDeflate: false,
      destroyUpgrade: false,
      maxHttpBufferSize: messageBytes,
      adapter: PreparedFrameAdapter,
    });
    this.#io.use((socket, next) => {
      const { token } = socket.handshake.auth as { token?: unknown };
      const given = typeof token === 'string' ? token : bearer(socket.request);
      this.#admission.admit(socket.request, given).then(
        (admitted) => {
          if (!admitted)
            return next(Object.assign(new Error('no-session'), { data: { code: 'no-session' } }));
          socket.data.admitted = admitted;
          next();
        },
        () => next(Object.assign(new Error('busy'), { data: { code: 'busy' } })),
      );
    });
    this.#io.on('connection', (socket) => this.#serve(socket));
    this.#admission.onChange((person) => void this.#recheck(person));
  }

  /** Tells one person, on every device. */
  notify(person: string, notice: Notice): void {
    this.#io.to(personal(person)).emit('notice', notice);
  }

  /** Tells everyone to come again, and closes. */
  async close(): Promise<void> {
    this.#io.disconnectSockets(true);
    await this.#io.close();
  }

  #serve(socket: Connection): void {
    const joined = new Map<RoomName, Joined>();
    const { admitted } = socket.data;
    connections.set(socket, joined);
    void socket.join(personal(admitted.person.id));

    socket.on('room:join', (message, answer) => {
      if (typeof answer !== 'function') return;
      this.#join(socket, admitted, joined, message).then(answer, () =>
        answer(no('busy', 'the database is away')),
      );
    });
    socket.on('room:update', (message, answer) => {
      if (typeof answer !== 'function') return;
      this.#update(socket, admitted, joined, message).then(answer, () => answer(no('busy', 'try again')));
    });
    socket.on('room:leave', (message) => {
      const room = asRoom(roomLeave.safeParse(message).data?.room ?? '');
      if (room) this.#leave(socket, joined, room);
    });
    socket.on('presence:set', (message) => this.#presence(admitted, joined, message));
    socket.on('disconnect', () => {
      for (const room of [...joined.keys()]) this.#leave(socket, joined, room);
    });
  }

  async #join(
    socket: Connection,
    admitted: Admitted,
    joined: Map<RoomName, Joined>,
    message: unknown,
  ): Promise<JoinAnswer> {
    const { data } = roomJoin.safeParse(message);
    if (!data) return no('malformed', 'room:join takes {room, stateVector}');
    const name = asRoom(data.room);
    const may = name && (await admitted.rights(name));
    if (!name || !may) return noRoom;
    if (joined.size >= roomsPerConnection && !joined.has(name)) return no('limit', 'too many rooms');
    const held = joined.get(name)?.held ?? (await this.#rooms.hold(name));
    const answer = await held.room
      .read((doc, { epoch, seq }): JoinAnswer => {
        const updates = encodeInPieces(doc, data.stateVector, joinPieces).map((piece) => Buffer.from(piece));
        const stateVector = Y.encodeStateVector(doc);
        // In the same turn as the reading, so that no batch falls between the answer and the first frame.
        if (socket.connected) this.#enter(socket, joined, name, held, may);
        return { ok: true, updates, stateVector, epoch, seq, may, now: this.#clock.now() };
      })
      .catch((): JoinAnswer => no('malformed', 'the state vector cannot be read'));
    if (!joined.has(name)) held.release();
    return answer;
  }

  #enter(socket: Connection, joined: Map<RoomName, Joined>, name: RoomName, held: Held, may: Rights): void {
    const before = joined.get(name);
    if (before) {
      if (before.held !== held) held.release();
      before.fresh = true;
      before.may = may;
    } else {
      joined.set(name, { held, presenceId: randomInt(2 ** 32), may, fresh: true });
      held.room.audience++;
      void socket.join(name);
      this.#listen(name, held);
    }
    const people = held.room.presence.all();
    if (people.length > 0) socket.emit('presence', { room: name, people, left: [] });
  }

  #listen(name: RoomName, { room }: Held): void {
    const listening = this.#listening.get(name);
    if (listening) {
      listening.sockets++;
      return;
    }
    const stop = room.subscribe({
      committed: ({ update, seq, only }) => {
        const to = only && isConnection(only) ? this.#io.to(name).except(only.id) : this.#io.to(name);
        to.emit('room:update', { room: name, update: Buffer.from(update), seq });
      },
      presence: ({ people, left }) =>
        this.#io.to(name).emit('presence', { room: name, people: [...people], left: [...left] }),
    });
    this.#listening.set(name, { sockets: 1, stop });
  }

  #leave(socket: Connection, joined: Map<RoomName, Joined>, name: RoomName): void {
    const here = joined.get(name);
    if (!here) return;
    joined.delete(name);
    void socket.leave(name);
    here.held.room.presence.leave(here.presenceId);
    here.held.room.audience--;
    here.held.release();
    const listening = this.#listening.get(name);
    if (!listening || --listening.sockets > 0) return;
    listening.stop();
    this.#listening.delete(name);
  }

  async #update(
    socket: Connection,
    { person }: Admitted,
    joined: Map<RoomName, Joined>,
    message: unknown,
  ): Promise<UpdateAnswer> {
    const { data } = roomUpdate.safeParse(message);
    if (!data) return no('malformed', 'room:update takes {room, update}');
    const here = joined.get(data.room as RoomName);
    if (!here) return no('no-room', 'join the room first');
    const sync = here.fresh ? { sync: {} } : {};
    here.fresh = false;
    return here.held.room.submit(person, { kind: 'update', update: data.update, ...sync }, socket);
  }

  #presence({ person }: Admitted, joined: Map<RoomName, Joined>, message: unknown): void {
    const { data } = presenceSet.safeParse(message);
    const here = data && joined.get(data.room as RoomName);
    if (!here) return;
    const { presence } = here.held.room;
    if (data.state === null) presence.leave(here.presenceId);
    else if (JSON.stringify(data.state).length <= presenceBytes)
      presence.set({
        id: here.presenceId,
        user: { id: person.id, name: person.name, color: colorOf(person.id) },
        state: data.state,
      });
  }

  /** Something about this person changed: who is signed out goes, and rooms whose right ended close. */
  async #recheck(person: string): Promise<void> {
    for (const socket of this.#io.sockets.sockets.values()) {
      const { admitted } = socket.data;
      if (admitted.person.id !== person) continue;
      const signedIn = await admitted.valid();
      let changed = false;
      for (const [name, here] of connections.get(socket) ?? []) {
        const rights = signedIn ? await admitted.rights(name) : null;
        if (rights) changed ||= JSON.stringify(rights) !== JSON.stringify(here.may);
        else this.#expel(socket, name, signedIn ? 'no-room' : 'no-session');
      }
      if (!signedIn) socket.disconnect(true);
      // With another role: the client comes back by itself, and its joins tell what it may do now.
      else if (changed) socket.conn.close();
    }
  }

  #expel(socket: Connection, name: RoomName, code: RoomClosed['code']): void {
    socket.emit('room:closed', { room: name, code });
    this.#leave(socket, connections.get(socket) ?? new Map<RoomName, Joined>(), name);
  }
}

const personal = (person: string): string => `person:${person}`;
const connections = new WeakMap<object, Map<RoomName, Joined>>();
const isConnection = (source: object): source is Connection => connections.has(source);
