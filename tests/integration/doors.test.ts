import { once } from 'node:events';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { WebsocketProvider } from 'y-websocket';
import type { RoomName } from '../../core/rooms.js';
import type { Notice } from '../../core/wire.js';
import { writeAwareness, writeSync } from '../../server/sockets/y-protocol.js';
import { craft } from '../support/craft.js';
import { annotate, comment, entry, updateOf, Visitor, type Wire } from '../support/people.js';
import { embeddedStore } from '../support/databases.js';
import { startServer, type RunningServer } from '../support/server.js';

let server: RunningServer;
let anna: Visitor;
let ben: Visitor;
let room: RoomName;

beforeAll(async () => {
  const { location } = await embeddedStore();
  server = await startServer({ DATA_DIR: location.dataDir });
  anna = await Visitor.join(server, 'Anna');
  ben = await Visitor.join(server, 'Ben');
  room = await anna.layer();
});
afterAll(() => server.stop());

const wire = async (person: Visitor, name = room): Promise<Wire> => {
  const one = await person.socketIo(name);
  onTestFinished(() => one.close());
  return one;
};
const provider = async (person: Visitor, name = room, doc = new Y.Doc()): Promise<WebsocketProvider> => {
  const one = await person.yWebsocket(name, doc);
  onTestFinished(() => one.destroy());
  return one;
};
/** Resolves with the close code once the server has closed this connection. */
const closed = (one: WebsocketProvider): Promise<CloseEvent> =>
  new Promise((resolve) => one.on('connection-close', (event) => event && resolve(event)));

describe('two doors, one room', () => {
  it('[ROOM1] what comes in by one door goes out by the other, both ways', async () => {
    const plain = await provider(anna);
    const page = await wire(ben);
    const id = annotate(plain.doc, anna.id, { motivation: 'questioning' });
    await vi.waitUntil(() => entry(page.doc, 'annotations', id));
    const answer = await page.change((doc) => comment(doc, ben.id, id, 'An answer'));
    expect(answer).toMatchObject({ ok: true });
    await vi.waitUntil(() =>
      [...plain.doc.getMap<{ body: string }>('comments').values()].some((c) => c.body === 'An answer'),
    );
  });

  it('[ROOM2] an acknowledgement carries the seq of the commit, and one after the other they rise by one', async () => {
    const page = await wire(anna);
    const first = await page.change((doc) => annotate(doc, anna.id));
    const second = await page.change((doc) => annotate(doc, anna.id));
    if (!first.ok || !second.ok) throw new Error('refused');
    expect(second.seq).toBe(first.seq + 1);
  });

  it('[ROOM3, B6] a no-op is acknowledged with the seq that holds it and moves no counter', async () => {
    const page = await wire(anna);
    const update = updateOf(page.doc, (doc) => annotate(doc, anna.id));
    const first = await page.send(update);
    const again = await page.send(update);
    if (!first.ok) throw new Error('refused');
    expect(again).toMatchObject({ ok: true, seq: first.seq });
  });

  it('[ROOM4, WIRE7] a batch that is one sender’s alone is not sent back to him, and reaches everybody else', async () => {
    const sender = await wire(anna);
    const other = await wire(ben);
    const answer = await sender.change((doc) => annotate(doc, anna.id));
    if (!answer.ok) throw new Error('refused');
    await vi.waitUntil(() => other.frames.some(({ seq }) => seq === answer.seq));
    expect(sender.frames.map(({ seq }) => seq)).not.toContain(answer.seq);
    expect(answer.alone).toBe(true);
  });

  it('[DOOR1] a forged author is refused over Socket.IO, the forger is told why, nobody sees it', async () => {
    const forger = await wire(ben);
    const witness = await provider(anna);
    let forged = '';
    const answer = await forger.change((doc) => (forged = annotate(doc, anna.id)));
    expect(answer).toMatchObject({ ok: false, code: 'author' });
    const sign = await wire(anna);
    const later = await sign.change((doc) => annotate(doc, anna.id));
    expect(later).toMatchObject({ ok: true });
    await vi.waitUntil(() => witness.doc.getMap('annotations').size >= sign.doc.getMap('annotations').size);
    expect(entry(witness.doc, 'annotations', forged)).toBeUndefined();
    expect(entry((await wire(anna)).doc, 'annotations', forged)).toBeUndefined();
  });

  it('[DOOR2] a forged author is refused over y-websocket with 4403 and a reason, for good; nobody sees it', async () => {
    const forger = await provider(ben);
    const witness = await wire(anna);
    const ended = closed(forger);
    const forged = annotate(forger.doc, anna.id);
    const { code, reason } = await ended;
    expect({ code, reason }).toEqual({ code: 4403, reason: expect.stringMatching(/^author: /) as string });
    expect(forger.shouldConnect).toBe(false);
    await witness.change((doc) => annotate(doc, anna.id));
    expect(entry(witness.doc, 'annotations', forged)).toBeUndefined();
  });

  it('[DOOR3] an author forged before the first sync is refused too', async () => {
    const doc = new Y.Doc();
    annotate(doc, anna.id);
    const forger = ben.provider(room, doc);
    onTestFinished(() => forger.destroy());
    expect((await closed(forger)).code).toBe(4403);
  });

  it('[DOOR4] an edit in the first round trip after a reconnect is taken', async () => {
    const plain = await provider(ben);
    const witness = await wire(anna);
    plain.disconnect();
    const offline = annotate(plain.doc, ben.id);
    let onOpen = '';
    plain.on('status', ({ status }) => {
      if (status === 'connected' && !onOpen) onOpen = annotate(plain.doc, ben.id);
    });
    plain.connect();
    await vi.waitUntil(() => onOpen && entry(witness.doc, 'annotations', onOpen));
    expect(entry(witness.doc, 'annotations', offline)).toBeDefined();
    expect(plain.wsconnected).toBe(true);
  });

  it('[DOOR5, B2] an update that leans on what the server has not seen is answered behind, and sending all is taken', async () => {
    const page = await wire(ben);
    updateOf(page.doc, (doc) => annotate(doc, ben.id));
    const gapped = await page.change((doc) => annotate(doc, ben.id));
    expect(gapped).toMatchObject({ ok: false, code: 'behind' });
    if (gapped.ok || !gapped.stateVector) throw new Error('no state vector');
    const all = await page.send(Y.encodeStateAsUpdate(page.doc, new Uint8Array(gapped.stateVector)));
    expect(all).toMatchObject({ ok: true });
  });

  it('[DOOR5, B2] over y-websocket the rest is asked for: words about what another tab has not sent yet are taken', async () => {
    const [first, second] = [await provider(ben), await provider(ben)];
    const witness = await wire(anna);
    first.disconnect();
    const id = annotate(first.doc, ben.id);
    // What one tab hears from another, past the server, it does not send on.
    Y.applyUpdate(second.doc, Y.encodeStateAsUpdate(first.doc), second);
    const words = comment(second.doc, ben.id, id, 'Early words');
    await vi.waitUntil(() => entry(witness.doc, 'comments', words));
    expect(entry(witness.doc, 'annotations', id)).toBeDefined();
    expect(second.wsconnected).toBe(true);
  });

  it('[DOOR5, S4] who leans on the unseen again and again is closed with 1013, and comes back by himself', async () => {
    const plain = await provider(ben);
    const ended = closed(plain);
    const gap = new Uint8Array(writeSync('update', craft([], [[1, [[0, 1]]]])));
    for (let i = 0; i < 100; i++) plain.ws?.send(gap);
    expect((await ended).code).toBe(1013);
    await vi.waitUntil(() => plain.synced);
  });

  it('[GATE6, B7] others’ work that the log has lost is left out of the first update after a join, and refused later', async () => {
    const annas = await wire(anna);
    expect(await annas.change((doc) => annotate(doc, anna.id))).toMatchObject({ ok: true });
    let lost = '';
    const unseen = updateOf(annas.doc, (doc) => (lost = annotate(doc, anna.id)));
    const bens = await wire(ben);
    Y.applyUpdate(bens.doc, unseen);
    const own = annotate(bens.doc, ben.id);
    const whole = Y.encodeStateAsUpdate(bens.doc);
    expect(await bens.send(whole)).toMatchObject({ ok: true });
    expect(await bens.send(whole)).toMatchObject({ ok: false, code: 'client' });
    const more = annotate(bens.doc, ben.id);
    const plain = await provider(ben, room, bens.doc);
    const witness = await wire(anna);
    await vi.waitUntil(() => entry(witness.doc, 'annotations', more));
    expect(entry(witness.doc, 'annotations', own)).toBeDefined();
    expect(entry(witness.doc, 'annotations', lost)).toBeUndefined();
    expect(plain.wsconnected).toBe(true);
  });

  it('[DOOR8, B8] a large room is joined by the unchanged Socket.IO client', async () => {
    const mine = await anna.layer('private');
    const page = await wire(anna, mine);
    const answer = await page.change((doc) => {
      for (let i = 0; i < 3_000; i++)
        annotate(doc, anna.id, { tags: ['a tag of some length', 'and another one'] });
    });
    expect(answer).toMatchObject({ ok: true });
    const again = await wire(anna, mine);
    expect(again.doc.getMap('annotations').size).toBe(3_000);
    // And all of it goes back at once, larger than Socket.IO takes unless it is told to.
    const more = await again.change((doc) => {
      for (let i = 0; i < 60; i++) annotate(doc, anna.id, { suggestion: 'x'.repeat(10_000) });
    });
    if (!more.ok) throw new Error('refused');
    const whole = Y.encodeStateAsUpdate(again.doc);
    expect(whole.length).toBeGreaterThan(1_000_000);
    expect(await again.send(whole)).toMatchObject({ ok: true, seq: more.seq });
  });

  it('[PEOPLE1] a private layer is its owner’s alone: over either door nobody else enters', async () => {
    const mine = await ben.layer('private');
    const notes = await wire(ben, mine);
    expect(await notes.change((doc) => annotate(doc, ben.id))).toMatchObject({ ok: true });
    await expect(anna.socketIo(mine)).rejects.toThrow('no-room');
    const refused = anna.provider(mine);
    onTestFinished(() => refused.destroy());
    expect((await closed(refused)).code).toBe(4403);
    expect((await anna.fetch(`/api/rooms/${mine}/state`)).status).toBe(404);
  });

  it('[PEOPLE1, S17] who may not read a layer is not told that he is mentioned in it', async () => {
    const page = await wire(anna);
    const told: string[] = [];
    page.socket.on('notice', ({ kind, annotation }: Notice) => told.push(`${kind} ${annotation}`));
    const mentionIn = async (name: RoomName): Promise<string> => {
      let id = '';
      const answer = await (
        await wire(ben, name)
      ).change((doc) => {
        id = annotate(doc, ben.id);
        comment(doc, ben.id, id, `Ask [@Anna](user:${anna.id})`);
      });
      expect(answer).toMatchObject({ ok: true });
      return id;
    };
    await mentionIn(await ben.layer('private'));
    const shared = await mentionIn(room);
    await vi.waitUntil(() => told.length > 0);
    expect(told).toEqual([`mention ${shared}`]);
  });

  it('[PEOPLE2] without a session y-websocket is closed with 4401 and Socket.IO is refused', async () => {
    const stranger = new Visitor(server.url, '', { user: { id: '', name: '' }, group: anna.group });
    const plain = stranger.provider(room);
    onTestFinished(() => plain.destroy());
    expect((await closed(plain)).code).toBe(4401);
    await expect(stranger.socketIo(room)).rejects.toThrow('no-session');
  });

  it('[PEOPLE2, S2] a socket that another site’s page opens has no session, whatever cookie comes with it', async () => {
    const extraHeaders = { cookie: anna.cookie, origin: 'https://evil.example' };
    const plain = new WebSocket(`${server.url.replace(/^http/, 'ws')}/yjs/${room}`, {
      headers: extraHeaders,
    });
    expect((await once(plain, 'close'))[0]).toBe(4401);
    const page = io(server.url, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      extraHeaders,
    });
    const refused = await new Promise<unknown>((resolve) => page.once('connect_error', resolve));
    expect(refused).toMatchObject({ message: 'no-session' });
  });

  it('[PEOPLE3, S19] a room token opens its own room by the query and no other, a long-lived one opens none there', async () => {
    const made = async (path: string): Promise<string> => {
      const response = await ben.fetch(path, { method: 'POST', json: { name: 'a script' } });
      return ((await response.json()) as { token: string }).token;
    };
    const short = await made(`/api/rooms/${room}/token`);
    const open = async (name: RoomName, token = short): Promise<number> => {
      const one = new WebsocketProvider(`${server.url.replace(/^http/, 'ws')}/yjs`, name, new Y.Doc(), {
        params: { token },
        WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
        disableBc: true,
      });
      onTestFinished(() => one.destroy());
      return new Promise((resolve) => {
        one.on('sync', () => resolve(0));
        one.on('connection-close', (event) => event && resolve(event.code));
      });
    };
    expect(await open(room)).toBe(0);
    expect(await open(`self:${ben.id}`)).toBeGreaterThan(4400);
    expect(await open(room, await made('/api/tokens'))).toBe(4401);
  });

  it('[PEOPLE4] a right that ends closes the room at once, over both doors', async () => {
    const cleo = await Visitor.join(server, 'Cleo');
    const page = await wire(cleo);
    const plain = await provider(cleo);
    const told = new Promise((resolve) => page.socket.once('room:closed', resolve));
    const ended = closed(plain);
    const gone = await anna.fetch(`/api/groups/${anna.group.id}/members/${cleo.id}`, { method: 'DELETE' });
    expect(gone.status).toBe(204);
    expect(await told).toMatchObject({ room, code: 'no-room' });
    expect((await ended).code).toBe(4403);
  });

  it('[PEOPLE5] a viewer reads and writes nothing; made a reader, he may', async () => {
    const dora = await Visitor.join(server, 'Dora');
    const role = (value: string): Promise<Response> =>
      anna.fetch(`/api/groups/${anna.group.id}/members/${dora.id}`, {
        method: 'PATCH',
        json: { role: value },
      });
    expect((await role('viewer')).ok).toBe(true);
    const page = await wire(dora);
    expect(await page.change((doc) => annotate(doc, dora.id))).toMatchObject({ ok: false, code: 'role' });
    expect((await role('reader')).ok).toBe(true);
    const again = await wire(dora);
    expect(await again.change((doc) => annotate(doc, dora.id))).toMatchObject({ ok: true });
  });

  it('[DOOR6] a reader cannot change the text; an owner can, and both doors show it', async () => {
    const { id } = await anna.document();
    const text = await wire(anna, `content:${id}`);
    const reader = await wire(ben, `content:${id}`);
    const refused = await reader.change((doc) => doc.getText('content').insert(0, 'x'));
    expect(refused).toMatchObject({ ok: false, code: 'role' });
    const plain = await provider(ben, `content:${id}`);
    expect(await text.change((doc) => doc.getText('content').insert(0, 'Edited: '))).toMatchObject({
      ok: true,
    });
    await vi.waitUntil(() => plain.doc.getText('content').toString().startsWith('Edited: '));
  });

  it('[DOOR7] the server writes who somebody is into his presence, whatever he claims', async () => {
    const page = await wire(ben);
    const seen = new Promise<{ people: { user: object }[] }>((resolve) =>
      page.socket.on('presence', (message: { people: { user: { id: string } }[] }) => {
        if (message.people.some(({ user }) => user.id === anna.id)) resolve(message);
      }),
    );
    const plain = await provider(anna);
    plain.awareness.setLocalState({ user: { id: ben.id, name: 'Ben' }, cursor: 7 });
    const { people } = await seen;
    expect(people.map(({ user }) => user)).toContainEqual(
      expect.objectContaining({ id: anna.id, name: 'Anna' }),
    );
  });

  it('[DOOR7, S11] nobody learns another’s Yjs client id by presence, and announcing one binds nothing', async () => {
    const [plain, other] = [await provider(anna), await provider(ben)];
    plain.awareness.setLocalState({ cursor: 7 });
    const annas = (): number[] =>
      [...other.awareness.getStates()].flatMap(([id, state]) =>
        (state['user'] as { id?: string } | undefined)?.id === anna.id ? [id] : [],
      );
    await vi.waitUntil(() => annas().length > 0);
    expect(annas()).not.toContain(plain.doc.clientID);
    const claim = writeAwareness([{ client: plain.doc.clientID, clock: 1, state: { cursor: 1 } }]);
    other.ws?.send(new Uint8Array(claim));
    const after = annotate(other.doc, ben.id);
    await vi.waitUntil(() => entry(plain.doc, 'annotations', after));
    const id = annotate(plain.doc, anna.id);
    await vi.waitUntil(() => entry(other.doc, 'annotations', id));
    expect(plain.wsconnected).toBe(true);
  });
});
