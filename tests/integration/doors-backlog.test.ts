import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type WebSocket from 'ws';
import type * as Y from 'yjs';
import type { Socket } from 'node:net';
import type { RoomUpdate } from '../../core/wire.js';
import { backlogBytes, Line } from '../../server/sockets/line.js';
import { Doors } from '../support/doors.js';
import { annotate, comment, type Wire } from '../support/people.js';

/** The lines of the server, in the order in which they were opened. */
function watchLines(): Line[] {
  const lines: Line[] = [];
  const unknown = vi.spyOn(Line.prototype, 'takes').mockImplementation(function (this: Line, bytes) {
    if (!lines.includes(this)) lines.push(this);
    (this.ws as unknown as { _receiver: { _maxPayload: number } })._receiver._maxPayload = bytes;
  });
  onTestFinished(() => unknown.mockRestore());
  return lines;
}
const netOf = (socket: WebSocket): Socket => (socket as unknown as { _socket: Socket })._socket;
/** Below a Socket.IO client. */
const engineSocket = (wire: Wire): WebSocket =>
  (wire.socket.io.engine as unknown as { transport: { ws: WebSocket } }).transport.ws;

/** Comments until `enough`, one commit each; resolves with the largest backlog of the line that was seen. */
async function flood(writer: Wire, author: string, line: Line, enough: () => boolean): Promise<number> {
  let largest = 0;
  let thread = '';
  await writer.change((doc) => (thread = annotate(doc, author)));
  for (let i = 0; !enough(); i++) {
    const answer = await writer.change((doc) => {
      for (let n = 0; n < 40; n++) comment(doc, author, thread, `${i} ${n} `.padEnd(9_000, 'word '));
    });
    if (!answer.ok) throw new Error(answer.message);
    largest = Math.max(largest, line.ws.bufferedAmount);
  }
  return largest;
}
const comments = (doc: Y.Doc): number => doc.getMap('comments').size;

describe('a reader who does not keep up', () => {
  it('[SLOW1] over y-websocket: what waits for him is bounded, others get all at once, he gets all in the end', async () => {
    const lines = watchLines();
    const doors = await Doors.open();
    const anna = doors.person('Anna');
    const slow = await doors.yWebsocket(doors.person('Ben'));
    const [line] = lines;
    if (!line) throw new Error('no line');
    const witness = await doors.yWebsocket(doors.person('Cleo'));
    const writer = await doors.socketIo(anna);

    const opened = slow.ws;
    netOf(slow.ws as unknown as WebSocket).pause();
    let after = 0;
    const largest = await flood(writer, anna.id, line, () => line.behind && ++after > 5);
    expect(largest).toBeGreaterThan(backlogBytes);
    expect(largest).toBeLessThan(backlogBytes + 512 * 1024);
    await vi.waitUntil(() => comments(witness.doc) === comments(writer.doc));
    expect(comments(slow.doc)).toBeLessThan(comments(writer.doc));

    netOf(slow.ws as unknown as WebSocket).resume();
    await vi.waitUntil(() => comments(slow.doc) === comments(writer.doc), { timeout: 10_000 });
    expect(slow.ws).toBe(opened);
    await writer.change((doc) => annotate(doc, anna.id));
    await vi.waitUntil(() => slow.doc.getMap('annotations').size === 2);
  });

  it('[SLOW2] over Socket.IO: in a quiet room too he learns by a frame that he missed some, and joins again', async () => {
    const lines = watchLines();
    const doors = await Doors.open();
    const anna = doors.person('Anna');
    const slow = await doors.socketIo(doors.person('Ben'));
    const [line] = lines;
    if (!line) throw new Error('no line');
    const witness = await doors.socketIo(doors.person('Cleo'));
    const writer = await doors.socketIo(anna);

    netOf(engineSocket(slow)).pause();
    let after = 0;
    const largest = await flood(writer, anna.id, line, () => line.behind && ++after > 5);
    expect(largest).toBeGreaterThan(backlogBytes);
    expect(largest).toBeLessThan(backlogBytes + 512 * 1024);
    await vi.waitUntil(() => comments(witness.doc) === comments(writer.doc));
    const last = witness.frames.at(-1)?.seq ?? 0;

    const gap = new Promise<RoomUpdate>((resolve) => {
      let seq = slow.frames.at(-1)?.seq ?? 0;
      slow.socket.on('room:update', (frame: RoomUpdate) => {
        if (frame.seq > seq + 1) resolve(frame);
        seq = frame.seq;
      });
    });
    netOf(engineSocket(slow)).resume();
    expect((await gap).seq).toBe(last);
    expect(comments(slow.doc)).toBeLessThan(comments(writer.doc));
    await slow.join();
    expect(comments(slow.doc)).toBe(comments(writer.doc));
    await writer.change((doc) => annotate(doc, anna.id));
    await vi.waitUntil(() => slow.doc.getMap('annotations').size === 2);
  });

  it('[SLOW3] is not read meanwhile: what he asks for is not piled up either', async () => {
    const lines = watchLines();
    const doors = await Doors.open();
    const anna = doors.person('Anna');
    const asker = await doors.socketIo(doors.person('Ben'));
    const [line] = lines;
    if (!line) throw new Error('no line');
    const writer = await doors.socketIo(anna);
    let thread = '';
    await writer.change((doc) => (thread = annotate(doc, anna.id)));
    for (let i = 0; i < 8; i++)
      await writer.change((doc) => {
        for (let n = 0; n < 100; n++) comment(doc, anna.id, thread, `${i} ${n} `.padEnd(9_000, 'word '));
      });
    netOf(engineSocket(asker)).pause();
    const ask = { room: doors.room, stateVector: new Uint8Array([0]) };
    for (let i = 0; i < 50; i++) asker.socket.emit('room:join', ask, () => undefined);
    await vi.waitUntil(() => line.behind);
    // Others are served meanwhile.
    for (let i = 0; i < 20; i++)
      expect(await writer.change((doc) => annotate(doc, anna.id))).toMatchObject({ ok: true });
    expect(line.ws.bufferedAmount).toBeLessThan(2 * 8 * 900 * 1024);
  });

  it('[SLOW4] who neither reads nor answers is closed', async () => {
    const lines = watchLines();
    const doors = await Doors.open();
    const socket = doors.raw(doors.person('Ben'));
    await new Promise((resolve) => socket.once('message', resolve));
    const [line] = lines;
    if (!line) throw new Error('no line');
    line.heartbeat();
    await new Promise((resolve) => line.ws.once('pong', resolve));
    line.heartbeat();
    expect(line.open).toBe(true);
    netOf(socket).pause();
    line.heartbeat();
    expect(line.open).toBe(false);
  });
});
