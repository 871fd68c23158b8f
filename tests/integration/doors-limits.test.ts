import { connect } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type WebSocket from 'ws';
import { Connections } from '../../server/sockets/connections.js';
import { Doors } from '../support/doors.js';
import { annotate, updateOf } from '../support/people.js';
import { syncMessage } from '../support/y-messages.js';

const MiB = 1024 * 1024;
const closed = (socket: WebSocket): Promise<{ code: number; reason: string }> =>
  new Promise((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  );
/** Raw y-websocket: open, and greeted by the server. */
async function greeted(socket: WebSocket): Promise<WebSocket> {
  await new Promise((resolve) => socket.once('message', resolve));
  return socket;
}

describe('connections', () => {
  it('[CONN4] past a person’s number: y-websocket closes with 1013, Socket.IO says busy, others come in', async () => {
    const doors = await Doors.open({ connections: new Connections({ behindProxy: false, person: 2 }) });
    const anna = doors.person('Anna');
    const first = await greeted(doors.raw(anna));
    await doors.connect(anna);
    expect((await closed(doors.raw(anna))).code).toBe(1013);
    await expect(doors.connect(anna)).rejects.toMatchObject({ message: 'busy', data: { code: 'busy' } });
    await greeted(doors.raw(doors.person('Ben')));
    first.close();
    await closed(first);
    await vi.waitUntil(async () => {
      const again = doors.raw(anna);
      return await Promise.race([greeted(again).then(() => true), closed(again).then(() => false)]);
    });
  });

  it('[CONN5] past an address’ number: y-websocket is not upgraded, Socket.IO says busy', async () => {
    const doors = await Doors.open({ connections: new Connections({ behindProxy: true, address: 1 }) });
    const anna = doors.person('Anna');
    const from = (address: string) => ({ 'x-forwarded-for': address });
    await greeted(doors.raw(anna, from('192.0.2.7')));
    const refused = await new Promise<number>((resolve) =>
      doors
        .raw(anna, from('192.0.2.7'))
        .on('unexpected-response', (_, { statusCode }) => resolve(statusCode ?? 0)),
    );
    expect(refused).toBe(503);
    await expect(doors.connect(anna, from('192.0.2.7'))).rejects.toThrow('busy');
    await greeted(doors.raw(anna, from('192.0.2.8')));
  });

  it('[CONN6] nothing of somebody whom we do not know yet is read', async () => {
    let letIn = (): void => undefined;
    const admitting = (): Promise<void> => new Promise((resolve) => (letIn = resolve));
    const doors = await Doors.open({ admitting });
    const socket = doors.raw(doors.person('Anna'));
    const read = vi.fn();
    doors.server.on('connection', (net) => net.on('data', () => read(net.bytesRead)));
    await new Promise((resolve) => socket.once('open', resolve));
    read.mockClear();
    socket.send(new Uint8Array(18 * MiB));
    // The kernel takes what it takes; then the sender waits.
    const net = (socket as unknown as { _socket: { writableLength: number } })._socket;
    await new Promise((resolve) => setImmediate(resolve));
    expect(net.writableLength).toBeGreaterThan(0);
    expect(read).not.toHaveBeenCalled();
    letIn();
    expect(await closed(socket)).toMatchObject({
      code: 4403,
      reason: expect.stringMatching(/^limit/) as string,
    });
  });

  it('[CONN7] a Socket.IO client that is in no room may send little', async () => {
    const doors = await Doors.open();
    const anna = doors.person('Anna');
    const socket = await doors.connect(anna);
    const ended = new Promise((resolve) => socket.once('disconnect', resolve));
    socket.emit('room:update', { room: doors.room, update: new Uint8Array(2 * MiB) }, () => undefined);
    expect(await ended).toBe('transport close');
  });

  it('[CONN8] an update that is too large to be read is refused as such over both doors', async () => {
    const doors = await Doors.open();
    const wire = await doors.socketIo(doors.person('Anna'));
    const answer = await wire.send(new Uint8Array(17 * MiB));
    expect(answer).toMatchObject({ ok: false, code: 'limit' });
    const socket = await greeted(doors.raw(doors.person('Ben')));
    const ended = closed(socket);
    socket.send(syncMessage('update', new Uint8Array(17 * MiB)));
    expect(await ended).toMatchObject({ code: 4403, reason: 'limit: the message is too large' });
  });

  it('[CONN9] a client that never says who it is is closed', async () => {
    const doors = await Doors.open();
    const { hostname, port } = new URL(doors.url);
    const net = connect(Number(port), hostname);
    onTestFinished(() => void net.destroy());
    net.write('GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\n');
    net.write('Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n');
    net.write('Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n');
    net.resume();
    await new Promise((resolve) => net.once('close', resolve));
  }, 20_000);
});

describe('over budget', () => {
  it('[BUDGET8] y-websocket closes with 1013, lets nobody in, and is calm again', async () => {
    let now = Date.now();
    const doors = await Doors.open({ now: () => now });
    const anna = doors.person('Anna');
    const one = await doors.yWebsocket(anna);
    doors.budgets.spent(anna.id, 3_000);
    const ended = new Promise<number>((resolve) =>
      one.on('connection-close', (event) => event && resolve(event.code)),
    );
    const id = annotate(one.doc, anna.id);
    expect(await ended).toBe(1013);
    expect((await closed(doors.raw(anna))).code).toBe(1013);
    const ben = await doors.socketIo(doors.person('Ben'));
    expect(ben.doc.getMap('annotations').has(id)).toBe(false);
    now += 7_000;
    await vi.waitUntil(() => ben.doc.getMap('annotations').has(id), { timeout: 5_000 });
  });

  it('[BUDGET9] Socket.IO answers busy, and takes the same update when it is calm again', async () => {
    let now = Date.now();
    const doors = await Doors.open({ now: () => now });
    const anna = doors.person('Anna');
    const page = await doors.socketIo(anna);
    expect(await page.change((doc) => annotate(doc, anna.id))).toMatchObject({ ok: true });
    doors.budgets.spent(anna.id, 3_000);
    const update = updateOf(page.doc, (doc) => annotate(doc, anna.id));
    expect(await page.send(update)).toMatchObject({ ok: false, code: 'busy' });
    const ben = doors.person('Ben');
    expect(await (await doors.socketIo(ben)).change((doc) => annotate(doc, ben.id))).toMatchObject({
      ok: true,
    });
    now += 7_000;
    expect(await page.send(update)).toMatchObject({ ok: true });
  });

  it('[BUDGET10] the first sync of a large offline copy passes when all else is spent', async () => {
    const doors = await Doors.open();
    const anna = doors.person('Anna');
    const page = await doors.socketIo(anna);
    while (doors.budgets.take(anna.id, { bytes: MiB }));
    const large = updateOf(page.doc, (doc) => {
      for (let i = 0; i < 2_000; i++) annotate(doc, anna.id, { tags: ['of an offline copy'] });
    });
    expect(await page.send(large)).toMatchObject({ ok: true });
    expect(await page.change((doc) => annotate(doc, anna.id))).toMatchObject({ code: 'busy' });
  });

  it('[BUDGET11] a flood of tiny messages of one does not hold up another', async () => {
    const doors = await Doors.open();
    const flooder = await greeted(doors.raw(doors.person('Mallory')));
    const anna = doors.person('Anna');
    const page = await doors.socketIo(anna);
    const message = new Uint8Array([1, 1, 0]);
    const took: number[] = [];
    const read = vi.spyOn(doors.budgets, 'take');
    const started = performance.now();
    for (let i = 0; i < 20; i++) {
      for (let n = 0; n < 2_000; n++) flooder.send(message);
      const began = performance.now();
      expect(await page.change((doc) => annotate(doc, anna.id))).toMatchObject({ ok: true });
      took.push(performance.now() - began);
    }
    // 5,000 a second, and what one chunk that was read holds; the rest waits with its sender.
    expect(read.mock.calls.length).toBeLessThan(10_000 + 5 * (performance.now() - started));
    expect(took.sort((a, b) => a - b)[10]).toBeLessThan(50);
  });
});
