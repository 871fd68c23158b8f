/**
 * The y-websocket door: `/yjs/<room>` for the unchanged npm client. Its protocol has no acknowledgement; what it is
 * told is sync steps, updates, awareness, and close codes. 4401 and 4403 are final, after 1013 it comes again.
 */

import type { RoomName } from '#core/rooms.js';
import { presenceBytes } from '#core/wire.js';
import { randomInt } from 'node:crypto';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import * as Y from 'yjs';
import type { Held, Rooms } from '../rooms/registry.js';
import { asRoom, bearer, colorOf, type Admission, type Admitted } from './admission.js';
import { Gathering } from './gathering.js';
import { readAwareness, readMessage, writeSync, type Message } from './y-protocol.js';

const code = { noSession: 4401, refused: 4403, later: 1013, stopping: 1012 };

/** Bytes of one message: the largest update that a room takes, and a little for its envelope. */
const messageBytes = 16 * 1024 * 1024 + 64 * 1024;
/** Messages that may come before we know who it is. */
const earlyMessages = 64;
/** How often a minute one connection may lean on what the server has not seen. */
const gapsPerMinute = 30;
/** Yjs client ids that one connection may announce in its awareness. */
const ownClients = 16;
/** Entries of one awareness message that are looked at. */
const awarenessEntries = 1_000;
/** Bytes that may wait for a slow reader; past them it is told to come again. */
const backlogBytes = 32 * 1024 * 1024;

export class YWebsocketDoor {
  readonly #wss = new WebSocketServer({ noServer: true, maxPayload: messageBytes, perMessageDeflate: false });
  readonly #rooms: Rooms;
  readonly #admission: Admission;
  readonly #gatherings = new Map<RoomName, Gathering>();
  readonly #connections = new Set<YConnection>();

  constructor(server: HttpServer, services: { rooms: Rooms; admission: Admission }) {
    this.#rooms = services.rooms;
    this.#admission = services.admission;
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      if (path.startsWith('/yjs/'))
        this.#wss.handleUpgrade(request, socket, head, (ws) => this.#serve(ws, request, path));
      else if (!path.startsWith('/socket.io/'))
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
    });
    this.#admission.onChange((person) => {
      for (const connection of this.#connections) if (connection.person === person) void connection.recheck();
    });
  }

  /** Tells everyone to come again, and closes. */
  close(): void {
    for (const ws of this.#wss.clients) ws.close(code.stopping, 'the server is restarting');
    this.#wss.close();
  }

  #serve(ws: WebSocket, request: IncomingMessage, path: string): void {
    ws.binaryType = 'nodebuffer';
    const early: Buffer[] = [];
    const hold = (data: Buffer): void => {
      if (early.push(data) > earlyMessages) ws.close(code.later, 'busy: too much before the greeting');
    };
    ws.on('message', hold);
    ws.on('error', () => ws.terminate());
    this.#enter(ws, request, path).then(
      (connection) => {
        ws.off('message', hold);
        if (!connection) return;
        ws.on('message', (data: Buffer) => void connection.receive(data));
        for (const data of early) void connection.receive(data);
      },
      () => ws.close(code.later, 'busy: the database is away'),
    );
  }

  async #enter(ws: WebSocket, request: IncomingMessage, path: string): Promise<YConnection | null> {
    const query = new URL(request.url ?? '', 'http://localhost').searchParams.get('token') ?? undefined;
    const admitted = await this.#admission.admit(request, query ?? bearer(request));
    // A token in a query lands in logs and histories: only one that opens a single room may stand there.
    if (!admitted || (query !== undefined && admitted.only === undefined)) {
      ws.close(code.noSession, 'no-session: sign in first');
      return null;
    }
    const name = asRoom(safelyDecoded(path.slice('/yjs/'.length)));
    if (!name || !(await admitted.rights(name))) {
      ws.close(code.refused, 'no-room: there is no such room, or you have no right to it');
      return null;
    }
    const held = await this.#rooms.hold(name);
    if (ws.readyState !== ws.OPEN) {
      held.release();
      return null;
    }
    const gathering = this.#gatherings.get(name) ?? new Gathering(held.room);
    this.#gatherings.set(name, gathering);
    const connection = new YConnection(ws, admitted, held, gathering);
    this.#connections.add(connection);
    ws.on('close', () => {
      this.#connections.delete(connection);
      connection.leave();
      if (gathering.empty) this.#gatherings.delete(name);
    });
    await connection.greet();
    return connection;
  }
}

class YConnection {
  readonly #ws: WebSocket;
  readonly #admitted: Admitted;
  readonly #held: Held;
  readonly #gathering: Gathering;
  /** Made by the server: others know this connection by it, never by its Yjs client id. */
  readonly #presenceId = randomInt(2 ** 32);
  /** Client ids that this connection announced as its own. */
  readonly #own = new Set<number>();
  #gaps = 0;
  #gapsSince = 0;

  constructor(ws: WebSocket, admitted: Admitted, held: Held, gathering: Gathering) {
    this.#ws = ws;
    this.#admitted = admitted;
    this.#held = held;
    this.#gathering = gathering;
  }

  get person(): string {
    return this.#admitted.person.id;
  }

  /** The server's sync step 1, and who is here. */
  async greet(): Promise<void> {
    const { room } = this.#held;
    await room.read((doc) => {
      if (this.#ws.readyState !== this.#ws.OPEN) return;
      this.#send(writeSync('step1', Y.encodeStateVector(doc)));
      room.audience++;
      this.#gathering.join({
        id: this.#presenceId,
        source: this.#ws,
        send: (bytes) => this.#send(bytes),
      });
    });
  }

  leave(): void {
    if (this.#gathering.leave(this.#presenceId)) {
      this.#held.room.audience--;
      this.#held.room.presence.leave(this.#presenceId);
    }
    this.#held.release();
  }

  /** Something about this person changed. */
  async recheck(): Promise<void> {
    if (!(await this.#admitted.valid())) this.#ws.close(code.noSession, 'no-session: signed out');
    else if (!(await this.#admitted.rights(this.#held.room.name)))
      this.#ws.close(code.refused, 'no-room: your right to this room has ended');
  }

  async receive(data: Buffer): Promise<void> {
    const message = readMessage(data);
    if (!message) return this.#ws.close(code.refused, 'malformed: not a message of this protocol');
    try {
      await this.#handle(message);
    } catch {
      this.#ws.close(code.later, 'busy: try again');
    }
  }

  async #handle(message: Message): Promise<void> {
    const { room } = this.#held;
    switch (message.type) {
      case 'step1': {
        const answer = await room.read((doc) => stateSince(doc, message.stateVector));
        if (answer) this.#send(writeSync('step2', answer));
        else this.#ws.close(code.refused, 'malformed: the state vector cannot be read');
        return;
      }
      case 'step2':
        return this.#submit(message.update, { own: this.#own });
      case 'update':
        return this.#submit(message.update);
      case 'awareness':
        return this.#aware(message.states);
      case 'queryAwareness':
        return this.#gathering.tellAll(this.#presenceId);
    }
  }

  async #submit(update: Uint8Array, sync?: { own: ReadonlySet<number> }): Promise<void> {
    const work = { kind: 'update', update, ...(sync && { sync }) } as const;
    const answer = await this.#held.room.submit(this.#admitted.person, work, this.#ws);
    if (answer.ok) return;
    if (answer.code === 'busy' || (answer.code === 'behind' && this.#tooManyGaps()))
      this.#ws.close(code.later, reason('busy', answer.message));
    else if (answer.code === 'behind')
      this.#send(writeSync('step1', answer.stateVector ?? Y.encodeStateVector(new Y.Doc())));
    else this.#ws.close(code.refused, reason(answer.code, answer.message));
  }

  #aware(states: Uint8Array): void {
    const { presence } = this.#held.room;
    // Every y-websocket client echoes what it hears: those ids are ours, and are passed over unread.
    const mine = (client: number): boolean => {
      if (this.#gathering.has(client)) return false;
      if (!this.#own.has(client) && this.#own.size < ownClients) this.#own.add(client);
      return this.#own.has(client);
    };
    for (const { state, bytes } of readAwareness(states, mine, awarenessEntries)) {
      if (state === null) presence.leave(this.#presenceId);
      else if (bytes <= presenceBytes && typeof state === 'object' && !Array.isArray(state)) {
        const { id, name } = this.#admitted.person;
        presence.set({
          id: this.#presenceId,
          user: { id, name, color: colorOf(id) },
          state: state as Record<string, unknown>,
        });
      }
    }
  }

  #tooManyGaps(): boolean {
    const now = Date.now();
    if (now - this.#gapsSince > 60_000) {
      this.#gaps = 0;
      this.#gapsSince = now;
    }
    return ++this.#gaps > gapsPerMinute;
  }

  #send(bytes: Uint8Array): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.#ws.bufferedAmount > backlogBytes) this.#ws.close(code.later, 'busy: you read too slowly');
    else this.#ws.send(bytes, { binary: true });
  }
}

/** Null when the state vector cannot be read. */
function stateSince(doc: Y.Doc, stateVector: Uint8Array): Uint8Array | null {
  try {
    return Y.encodeStateAsUpdate(doc, stateVector);
  } catch {
    return null;
  }
}

function safelyDecoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
}

/** A close frame holds 123 bytes of reason. */
const reason = (refusal: string, message: string): string =>
  new TextDecoder()
    .decode(new TextEncoder().encode(`${refusal}: ${message}`).subarray(0, 120))
    .replace(/\uFFFD$/, '');
