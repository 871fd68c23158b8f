/** The HTTP door over a real database and real rooms, on a free port; and people who ask it, each with his own cookies. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, expect } from 'vitest';
import type { RoomName } from '../../core/rooms.js';
import { createAccess, type AccessServices } from '../../server/access/access.js';
import { createOrigins } from '../../server/access/origin.js';
import { RoomRights } from '../../server/access/rights.js';
import type { PrismaClient } from '../../server/database/client.js';
import { createRoomLog } from '../../server/database/room-log.js';
import { AnnotationNames } from '../../server/documents/annotation-names.js';
import { firstGroup, prepareInstance } from '../../server/documents/first-start.js';
import { Library } from '../../server/documents/library.js';
import { createHttp } from '../../server/http/http.js';
import { CommitQueue } from '../../server/rooms/commit-queue.js';
import type { RoomDoor } from '../../server/rooms/door.js';
import { createMetrics } from '../../server/metrics.js';
import { Budgets } from '../../server/rooms/budget.js';
import { openDoor } from '../../server/rooms/open-door.js';
import { Rooms } from '../../server/rooms/registry.js';
import { embeddedStore, temporaryFolder, type Store } from './databases.js';

export interface HttpServer {
  /** Such as http://localhost:41234. */
  readonly url: string;
  readonly port: number;
  /** Of the join link. */
  readonly code: string;
  readonly dataDir: string;
  readonly prisma: PrismaClient;
  readonly access: AccessServices;
  readonly door: RoomDoor;
  /** Milliseconds by which the server's clock is ahead of the real one. */
  ahead: number;
  /** What `/readyz` is told. */
  databaseAnswers: boolean;
  /** Lines of the log, parsed. */
  readonly logged: Record<string, unknown>[];
}

export interface HttpOptions {
  /** Text of the first document; without it the samples. */
  readonly essay?: string;
  readonly publicUrl?: string;
  /** Without it a new embedded one. */
  readonly store?: Store;
}

/** Closed when the test file is done. */
export async function startHttp({ essay, publicUrl, store: given }: HttpOptions = {}): Promise<HttpServer> {
  const store = given ?? (await embeddedStore());
  const database = await store.open();
  const { prisma } = database;
  const state = { ahead: 0, databaseAnswers: true, logged: [] as Record<string, unknown>[] };
  const clock = { now: () => Date.now() + state.ahead };
  const rights = new RoomRights(prisma);
  const rooms = new Rooms({
    log: createRoomLog(database),
    queue: new CommitQueue(createRoomLog(database), 1),
    access: rights,
    clock,
    shared: false,
    report: (problem, detail) => {
      throw new Error(`${problem}: ${JSON.stringify(detail)}`, { cause: detail['error'] });
    },
  });
  const budgets = new Budgets(clock);
  const door = openDoor(rooms);
  const file = join(temporaryFolder(), 'a-walk.txt');
  if (essay !== undefined) writeFileSync(file, essay);
  const first = await prepareInstance({
    prisma,
    door,
    essay: essay === undefined ? undefined : file,
    now: clock.now(),
  });
  if (!first.ok) throw new Error(first.error);

  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const origins = createOrigins({ publicUrl, host: '127.0.0.1', port: () => port });
  const { dataDir } = store.location;
  const secure = publicUrl?.startsWith('https:') ?? false;
  const access = createAccess({ prisma, instance: first.value.id, rights, secure, clock, dataDir });
  const clientDir = temporaryFolder();
  mkdirSync(join(clientDir, 'assets'));
  writeFileSync(join(clientDir, 'index.html'), '<!doctype html><title>Marginalia</title>');
  writeFileSync(join(clientDir, 'assets', 'main-abc123.js'), '// the page');
  const log = pino(
    { level: 'info' },
    { write: (line: string) => void state.logged.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const app = createHttp({
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
    ready: () => Promise.resolve(state.databaseAnswers),
    metrics: createMetrics(),
  });
  server.on('request', (request, response) => void app(request, response));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rooms.close();
  });
  const code = await access.invitations.printed(await firstGroup(prisma));
  return Object.assign(state, { url: `http://localhost:${port}`, port, code, dataDir, prisma, access, door });
}

interface Ask {
  readonly method?: string;
  readonly json?: unknown;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** A list of which a test looks at the first: where there is none, that fails it. */
type Some<T> = readonly [T, ...T[]];

/** Whatever the API answers: each answer has some of these. */
export interface Body {
  readonly status: number;
  readonly code: string;
  readonly errors: Some<{ readonly path: string; readonly message: string }>;
  readonly proposal: string;
  readonly requestId: string;

  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly token: string;
  readonly url: string;
  readonly qr: string;
  readonly expires: string;
  readonly used: number;
  readonly user: { readonly id: string; readonly name: string };
  readonly group: { readonly id: string; readonly name: string; readonly role: string };
  readonly groups: Some<Body['group']>;
  readonly items: Some<Body>;
  readonly next: string | null | undefined;
  readonly iri: string;
  readonly language: string;
  readonly author: string | null;
  readonly length: number;
  readonly layers: Some<{ readonly id: string; readonly kind: string; readonly name: string }>;

  readonly type: unknown;
  readonly creator: { readonly id: string; readonly name: string };
  readonly created: string;
  readonly via: unknown;
  readonly body: unknown;
  readonly target: { readonly source: string; readonly selector: unknown };
  readonly total: number;
  /** A page where it is embedded. */
  readonly first: string & { readonly items: readonly Body[] };
  readonly last: string;
  readonly prev: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body of a JSON answer; of another one nothing is in it. */
  readonly json: Body;
}

/** Matches any text, any number, in what is expected. */
export const someText: unknown = expect.any(String);
export const someNumber: unknown = expect.any(Number);
export const textLike = (pattern: RegExp | string): unknown => expect.stringMatching(pattern);

/** One browser, or one script: it keeps its cookie, and says where its page is from. */
export class Asker {
  readonly url: string;
  cookie = '';
  id = '';
  group = '';
  /** Sent with every request, over what is sent anyway. */
  headers: Record<string, string> = {};

  constructor({ url }: { url: string }) {
    this.url = url;
  }

  /** Throws unless the join is taken. */
  static async join(server: HttpServer, name: string, code = server.code): Promise<Asker> {
    const asker = new Asker(server);
    const answer = await asker.ask(`/api/join/${code}`, { method: 'POST', json: { name } });
    if (answer.status !== 201) throw new Error(`join: ${answer.status} ${answer.text}`);
    const { user, group } = answer.json;
    asker.id = user.id;
    asker.group = group.id;
    return asker;
  }

  async ask(path: string, { method = 'GET', json, body, headers = {} }: Ask = {}): Promise<Answer> {
    const response = await fetch(new URL(path, this.url), {
      method,
      redirect: 'manual',
      headers: {
        ...(method === 'GET' ? {} : { origin: this.url, 'sec-fetch-site': 'same-origin' }),
        ...(this.cookie !== '' && { cookie: this.cookie }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...this.headers,
        ...headers,
      },
      ...(json !== undefined ? { body: JSON.stringify(json) } : body !== undefined ? { body } : {}),
    });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ''] = set.split(';', 1);
      this.cookie = pair.endsWith('=') ? '' : pair;
    }
    const text = await response.text();
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: (isJson && text !== '' ? JSON.parse(text) : {}) as Body,
    };
  }

  /** The first document, opened. */
  async document(): Promise<Body> {
    const { json } = await this.ask('/api/documents');
    return (await this.ask(`/api/documents/${json.items[0].id}`)).json;
  }

  async layer(kind: 'shared' | 'private' = 'shared'): Promise<string> {
    const { layers } = await this.document();
    return layers.find((layer) => layer.kind === kind)?.id ?? '';
  }

  /** `ask` with a Bearer token instead of the cookie. */
  async script(): Promise<Asker> {
    const { json } = await this.ask('/api/tokens', { method: 'POST', json: { name: 'a script' } });
    const script = new Asker(this);
    script.headers = { authorization: `Bearer ${json.token}` };
    script.id = this.id;
    script.group = this.group;
    return script;
  }
}

export const layerRoom = (id: string): RoomName => `layer:${id}`;
