import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import WebSocket from 'ws';
import * as Y from 'yjs';
import { WebsocketProvider } from 'y-websocket';
import type { RoomName } from '../../core/rooms.js';
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
/** Resolves with the close code once the server has closed this connection for good. */
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

  it('[ROOM3] a no-op is acknowledged with the seq that holds it and moves no counter', async () => {
    const page = await wire(anna);
    const update = updateOf(page.doc, (doc) => annotate(doc, anna.id));
    const first = await page.send(update);
    const again = await page.send(update);
    expect(first).toMatchObject({ ok: true });
    expect(again).toEqual(first);
  });

  it('[ROOM4] a batch that is one sender’s alone is not sent back to him, and reaches everybody else', async () => {
    const sender = await wire(anna);
    const other = await wire(ben);
    const answer = await sender.change((doc) => annotate(doc, anna.id));
    if (!answer.ok) throw new Error('refused');
    await vi.waitUntil(() => other.frames.some(({ seq }) => seq === answer.seq));
    expect(sender.frames.map(({ seq }) => seq)).not.toContain(answer.seq);
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

  it('[DOOR5] an update that leans on what the server has not seen is answered behind, and sending all is taken', async () => {
    const page = await wire(ben);
    updateOf(page.doc, (doc) => annotate(doc, ben.id));
    const gapped = await page.change((doc) => annotate(doc, ben.id));
    expect(gapped).toMatchObject({ ok: false, code: 'behind' });
    if (gapped.ok || !gapped.stateVector) throw new Error('no state vector');
    const all = await page.send(Y.encodeStateAsUpdate(page.doc, new Uint8Array(gapped.stateVector)));
    expect(all).toMatchObject({ ok: true });
  });

  it('[DOOR8] a large room is joined by the unchanged Socket.IO client', async () => {
    const mine = await anna.layer('private');
    const page = await wire(anna, mine);
    const answer = await page.change((doc) => {
      for (let i = 0; i < 3_000; i++)
        annotate(doc, anna.id, { tags: ['a tag of some length', 'and another one'] });
    });
    expect(answer).toMatchObject({ ok: true });
    const again = await wire(anna, mine);
    expect(again.doc.getMap('annotations').size).toBe(3_000);
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

  it('[PEOPLE2] without a session y-websocket is closed with 4401 and Socket.IO is refused', async () => {
    const stranger = new Visitor(server.url, '', { user: { id: '', name: '' }, group: anna.group });
    const plain = stranger.provider(room);
    onTestFinished(() => plain.destroy());
    expect((await closed(plain)).code).toBe(4401);
    await expect(stranger.socketIo(room)).rejects.toThrow('no-session');
  });

  it('[PEOPLE3] a room token opens its own room by the query and no other', async () => {
    const response = await ben.fetch(`/api/rooms/${room}/token`, { method: 'POST', json: {} });
    const { token } = (await response.json()) as { token: string };
    const open = async (name: RoomName): Promise<number> => {
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
});
