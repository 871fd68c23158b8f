// How long a comment takes to reach everybody, and what a delivery costs the server, beside a bare relay.
// Readers are raw sockets that look for a marker in the bytes, so that the measuring costs both sides the same.
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import WebSocket from 'ws';
import { floor, join, marginalia, ms, quantiles, until } from './measure.mjs';
import { opened, openSocketIo } from './sockets.mjs';
import { Writer } from './work.mjs';

const perSecond = 50;
const updates = 200;
const warm = 20;

const marker = (n) => `@@${String(n).padStart(8, '0')}`;
function* markersIn(bytes) {
  for (let at = bytes.indexOf('@@'); at >= 0; at = bytes.indexOf('@@', at + 10))
    yield Number(bytes.toString('latin1', at + 2, at + 10));
}

const syncUpdate = (update) => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarUint(encoder, 2);
  encoding.writeVarUint8Array(encoder, update);
  return encoding.toUint8Array(encoder);
};
const syncStep1 = new Uint8Array([0, 0, 1, 0]);

/** A way in: opens a socket that is ready to hear, and tells how to send an update. */
const ways = {
  'bare relay': { open: (url) => opened(new WebSocket(url)), wrap: (update) => update },
  'Marginalia, y-websocket': {
    open: async (url, { cookie, room }) => {
      const address = `${url.replace(/^http/, 'ws')}/yjs/${room}`;
      const socket = await opened(new WebSocket(address, { headers: { cookie, origin: url } }));
      const synced = new Promise((resolve) =>
        socket.on('message', (data) => {
          const decoder = decoding.createDecoder(data);
          if (decoding.readVarUint(decoder) === 0 && decoding.readVarUint(decoder) === 1) resolve();
        }),
      );
      socket.send(syncStep1);
      await synced;
      return socket;
    },
    wrap: syncUpdate,
  },
  'Marginalia, Socket.IO': {
    open: openSocketIo,
    wrap: syncUpdate,
    writer: 'Marginalia, y-websocket',
  },
};

async function measure(way, count) {
  const bare = way === 'bare relay';
  const server = bare ? await floor() : await marginalia();
  const who = bare ? { id: '01900000-0000-7000-8000-00000000000a' } : await join(server, 'Writer');
  const readers = [];
  for (let i = 0; i < count; i += 25)
    readers.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(25, count - i) }, () => ways[way].open(server.url, who)),
      )),
    );
  const socket = await ways[ways[way].writer ?? way].open(server.url, who);
  const writer = new Writer(who.id);
  const sent = [];
  const times = [];
  let delivered = 0;
  for (const reader of readers)
    reader.on('message', (data) => {
      const now = performance.now();
      for (const n of markersIn(data)) {
        if (n < warm) continue;
        delivered++;
        times.push(now - sent[n]);
      }
    });
  const { id, update } = writer.annotate(0);
  socket.send(ways[way].wrap(update));
  const write = (n) => {
    const next = ways[way].wrap(
      writer.comment(id, n, `${marker(n)} ${'a comment of the usual length, about this. '.repeat(3)}`),
    );
    sent[n] = performance.now();
    socket.send(next);
  };
  const begin = performance.now();
  for (let n = 0; n < warm; n++) {
    await until(begin + n * 20);
    write(n);
  }
  await until(performance.now() + 500);
  const cpu = server.cpu();
  const started = performance.now();
  for (let n = 0; n < updates; n++) {
    await until(started + (n * 1000) / perSecond);
    write(warm + n);
  }
  while (delivered < updates * count && performance.now() - started < 20_000)
    await until(performance.now() + 20);
  const used = server.cpu() - cpu;
  for (const one of [...readers, socket]) one.terminate();
  await server.stop();
  if (delivered !== updates * count) throw new Error(`${way}: ${delivered} of ${updates * count} delivered`);
  const [p50, p99] = quantiles(times, 0.5, 0.99);
  return [way, count, ms(p50), ms(p99), ((used / delivered) * 1e6).toFixed(1)];
}

export async function fanOut() {
  const rows = [];
  for (const count of [100, 500]) for (const way of Object.keys(ways)) rows.push(await measure(way, count));
  return {
    title: `One writer, ${perSecond} comments a second, to everybody in the room`,
    head: ['server', 'readers', 'p50 ms', 'p99 ms', 'server CPU us a delivery'],
    rows,
  };
}
