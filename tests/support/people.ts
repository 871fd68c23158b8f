/** People who use a running server: they join by the link, and reach their rooms over either door. */

import { io, type Socket } from 'socket.io-client';
import WebSocket from 'ws';
import { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { v7 as uuid } from 'uuid';
import type { Annotation, Comment, LayerEntries, LayerMap } from '../../core/entries.js';
import type { RoomName } from '../../core/rooms.js';
import type { JoinAnswer, RoomUpdate, UpdateAnswer } from '../../core/wire.js';

export interface DocumentInfo {
  id: string;
  iri: string;
  title: string;
  language: string;
  groupId: string;
  layers: { id: string; kind: 'shared' | 'private' | 'section'; name: string }[];
}

export class Visitor {
  readonly url: string;
  readonly cookie: string;
  readonly id: string;
  readonly name: string;
  readonly group: { id: string; name: string; role: string };

  constructor(
    url: string,
    cookie: string,
    joined: { user: { id: string; name: string }; group: Visitor['group'] },
  ) {
    this.url = url;
    this.cookie = cookie;
    this.id = joined.user.id;
    this.name = joined.user.name;
    this.group = joined.group;
  }

  /** Throws unless the join is answered with 201. */
  static async join(server: { url: string; code: string }, name: string): Promise<Visitor> {
    const response = await fetch(`${server.url}/api/join/${server.code}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify({ name }),
    });
    if (response.status !== 201) throw new Error(`join: ${response.status} ${await response.text()}`);
    const cookie = response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';
    return new Visitor(
      server.url,
      cookie,
      (await response.json()) as ConstructorParameters<typeof Visitor>[2],
    );
  }

  /** The same person at the server's next address. */
  at(url: string): Visitor {
    return new Visitor(url, this.cookie, { user: { id: this.id, name: this.name }, group: this.group });
  }

  fetch(path: string, init: RequestInit & { json?: unknown } = {}): Promise<Response> {
    const { json, ...rest } = init;
    const headers = new Headers(init.headers);
    headers.set('cookie', this.cookie);
    headers.set('origin', this.url);
    if (json !== undefined) headers.set('content-type', headers.get('content-type') ?? 'application/json');
    return fetch(new URL(path, this.url), {
      ...rest,
      headers,
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
  }

  async get<T>(path: string): Promise<T> {
    const response = await this.fetch(path);
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** The first document, with its layers (one's private layer is made by this). */
  async document(): Promise<DocumentInfo> {
    const { items } = await this.get<{ items: DocumentInfo[] }>('/api/documents');
    if (!items[0]) throw new Error('no document');
    return this.get<DocumentInfo>(`/api/documents/${items[0].id}`);
  }

  async layer(kind: 'shared' | 'private' = 'shared'): Promise<RoomName> {
    const { layers } = await this.document();
    const layer = layers.find((one) => one.kind === kind);
    if (!layer) throw new Error(`no ${kind} layer`);
    return `layer:${layer.id}`;
  }

  /** A room by the unchanged npm client; resolves once it is synced. */
  async yWebsocket(room: RoomName, doc = new Y.Doc()): Promise<WebsocketProvider> {
    const provider = this.provider(room, doc);
    await new Promise<void>((resolve, reject) => {
      provider.on('sync', (synced) => synced && resolve());
      provider.on('connection-close', (event) => event && reject(new Error(`${event.code} ${event.reason}`)));
    });
    return provider;
  }

  provider(room: RoomName, doc = new Y.Doc()): WebsocketProvider {
    return new WebsocketProvider(`${this.url.replace(/^http/, 'ws')}/yjs`, room, doc, {
      WebSocketPolyfill: this.#socketClass(),
      disableBc: true,
    });
  }

  /** Node's `ws` with this person's cookie, as a browser would send it. */
  #socketClass(): typeof globalThis.WebSocket {
    const { cookie, url } = this;
    const withCookie = class extends WebSocket {
      constructor(address: string | URL) {
        super(address, { headers: { cookie, origin: url } });
      }
    };
    return withCookie as unknown as typeof globalThis.WebSocket;
  }

  /** A room over Socket.IO, joined. Throws when the join is refused. */
  async socketIo(room: RoomName): Promise<Wire> {
    const socket = io(this.url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      extraHeaders: { cookie: this.cookie, origin: this.url },
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    const wire = new Wire(socket, room);
    const answer = await wire.join();
    if (!answer.ok) throw new Error(`room:join: ${answer.code}`);
    return wire;
  }
}

/** A Socket.IO client of one room, without a store: it applies what comes and sends what it is told to. */
export class Wire {
  readonly doc = new Y.Doc();
  readonly socket: Socket;
  readonly room: RoomName;
  readonly frames: RoomUpdate[] = [];

  constructor(socket: Socket, room: RoomName) {
    this.socket = socket;
    this.room = room;
    socket.on('room:update', (frame: RoomUpdate) => {
      this.frames.push(frame);
      Y.applyUpdate(this.doc, new Uint8Array(frame.update), this);
    });
  }

  async join(): Promise<JoinAnswer> {
    const message = { room: this.room, stateVector: Y.encodeStateVector(this.doc) };
    const answer = (await this.socket.emitWithAck('room:join', message)) as JoinAnswer;
    if (answer.ok) for (const update of answer.updates) Y.applyUpdate(this.doc, new Uint8Array(update), this);
    return answer;
  }

  send(update: Uint8Array): Promise<UpdateAnswer> {
    return this.socket.emitWithAck('room:update', { room: this.room, update }) as Promise<UpdateAnswer>;
  }

  /** Changes the copy and sends the change. */
  change(change: (doc: Y.Doc) => void): Promise<UpdateAnswer> {
    return this.send(updateOf(this.doc, change));
  }

  close(): void {
    this.socket.disconnect();
  }
}

/** Makes the change and returns it as one update. */
export function updateOf(doc: Y.Doc, change: (doc: Y.Doc) => void): Uint8Array {
  const before = Y.encodeStateVector(doc);
  doc.transact(() => change(doc));
  return Y.encodeStateAsUpdate(doc, before);
}

export const entry = <M extends LayerMap>(doc: Y.Doc, map: M, key: string): LayerEntries[M] | undefined =>
  doc.getMap<LayerEntries[M]>(map).get(key);

export function annotate(doc: Y.Doc, author: string, more: Partial<Annotation> = {}): string {
  const id = uuid();
  const annotation: Annotation = {
    author,
    created: Date.now(),
    motivation: 'highlighting',
    target: null,
    color: 'amber',
    tags: [],
    ...more,
  };
  doc.getMap('annotations').set(id, annotation);
  return id;
}

export function comment(
  doc: Y.Doc,
  author: string,
  annotation: string,
  body: string,
  more: Partial<Comment> = {},
): string {
  const id = uuid();
  const value: Comment = { annotation, author, created: Date.now(), body, ...more };
  doc.getMap('comments').set(id, value);
  return id;
}
