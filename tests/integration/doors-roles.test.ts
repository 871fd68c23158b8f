import { describe, expect, it, vi } from 'vitest';
import type { WebsocketProvider } from 'y-websocket';
import * as Y from 'yjs';
import { roomName } from '../../core/rooms.js';
import { v7 as uuid } from 'uuid';
import { Doors } from '../support/doors.js';
import { annotate, entry } from '../support/people.js';

const closing = (one: WebsocketProvider): Promise<{ code: number; reason: string }> =>
  new Promise((resolve) => one.on('connection-close', (event) => event && resolve(event)));
const text = (doc: Y.Doc): string => doc.getText('content').toString();

describe('a role that ends while somebody works', () => {
  it('[ROLE1] editor to reader, in the text, over y-websocket: the next edit is refused for good, nobody sees it', async () => {
    const doors = await Doors.open();
    const content = roomName('content', uuid());
    const anna = doors.person('Anna', 'editor');
    const ben = doors.person('Ben', 'reader');
    const editor = await doors.yWebsocket(anna, new Y.Doc(), content);
    const witness = await doors.socketIo(ben, content);
    editor.doc.getText('content').insert(0, 'Taken. ');
    await vi.waitUntil(() => text(witness.doc) === 'Taken. ');
    doors.changeRole(anna, 'reader');
    const ended = closing(editor);
    editor.doc.getText('content').insert(0, 'Late. ');
    expect(await ended).toMatchObject({ code: 4403, reason: expect.stringMatching(/^role: /) as string });
    expect(editor.shouldConnect).toBe(false);
    expect(text((await doors.socketIo(ben, content)).doc)).toBe('Taken. ');
    const again = await doors.yWebsocket(anna, new Y.Doc(), content);
    expect(text(again.doc)).toBe('Taken. ');
  });

  it('[ROLE2] editor to reader over Socket.IO: the connection comes again, and is told what it may do now', async () => {
    const doors = await Doors.open();
    const content = roomName('content', uuid());
    const anna = doors.person('Anna', 'editor');
    const page = await doors.socketIo(anna, content);
    expect(await page.change((doc) => doc.getText('content').insert(0, 'Taken.'))).toMatchObject({
      ok: true,
    });
    const ended = new Promise((resolve) => page.socket.once('disconnect', resolve));
    doors.changeRole(anna, 'reader');
    expect(await ended).toBe('transport close');
    const again = await doors.socketIo(anna, content);
    expect(await again.join()).toMatchObject({ ok: true, may: { read: true, comment: true, edit: false } });
    const late = await again.change((doc) => doc.getText('content').insert(0, 'Late. '));
    expect(late).toMatchObject({ ok: false, code: 'role' });
  });

  it('[ROLE3] reader to viewer: no more comments over either door, what was read stays readable', async () => {
    const doors = await Doors.open();
    const anna = doors.person('Anna', 'reader');
    const page = await doors.socketIo(anna);
    let id = '';
    expect(await page.change((doc) => (id = annotate(doc, anna.id)))).toMatchObject({ ok: true });
    doors.changeRole(anna, 'viewer');
    const plain = await doors.yWebsocket(anna);
    expect(entry(plain.doc, 'annotations', id)).toBeDefined();
    const ended = closing(plain);
    annotate(plain.doc, anna.id);
    expect(await ended).toMatchObject({ code: 4403, reason: expect.stringMatching(/^role: /) as string });
    const again = await doors.socketIo(anna);
    expect(entry(again.doc, 'annotations', id)).toBeDefined();
    expect(await again.change((doc) => annotate(doc, anna.id))).toMatchObject({ ok: false, code: 'role' });
  });

  it('[ROLE4] removed from the group: both doors close the room at once, and open it no more', async () => {
    const doors = await Doors.open();
    const anna = doors.person('Anna', 'reader');
    const page = await doors.socketIo(anna);
    const plain = await doors.yWebsocket(anna);
    const told = new Promise((resolve) => page.socket.once('room:closed', resolve));
    const ended = closing(plain);
    doors.changeRole(anna, null);
    expect(await told).toEqual({ room: doors.room, code: 'no-room' });
    expect((await ended).code).toBe(4403);
    expect(await page.change((doc) => annotate(doc, anna.id))).toMatchObject({ ok: false, code: 'no-room' });
    await expect(doors.socketIo(anna)).rejects.toThrow('no-room');
  });

  it('[BUDGET12] thirty new client ids a minute: the next is busy, and taken a little later', async () => {
    let now = Date.now();
    const doors = await Doors.open({ now: () => now });
    const anna = doors.person('Anna');
    const page = await doors.socketIo(anna);
    expect(await page.change((doc) => annotate(doc, anna.id))).toMatchObject({ ok: true });
    const fresh = (): Promise<unknown> => {
      const doc = new Y.Doc();
      annotate(doc, anna.id, { created: now });
      return page.send(Y.encodeStateAsUpdate(doc));
    };
    for (let i = 0; i < 30; i++) expect(await fresh()).toMatchObject({ ok: true });
    expect(await fresh()).toMatchObject({ ok: false, code: 'busy' });
    // Under an id that is known already the work goes on.
    expect(await page.change((doc) => annotate(doc, anna.id))).toMatchObject({ ok: true });
    now += 3_000;
    expect(await fresh()).toMatchObject({ ok: true });
  });
});
