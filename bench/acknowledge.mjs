// How long a writer waits until his comment is durably stored, with 1, 10 and 100 writers who write without a pause.
import { join, marginalia, ms, quantiles } from './measure.mjs';
import { openSocketIo, sendUpdate } from './sockets.mjs';
import { Writer } from './work.mjs';

const seconds = 5;

export async function acknowledge(env = {}, name = 'embedded') {
  const rows = [];
  for (const count of [1, 10, 100]) {
    const server = await marginalia(env);
    const who = await join(server, 'Writer');
    const writers = await Promise.all(Array.from({ length: count }, () => connect(server, who)));
    for (const one of writers) one.thread = await one.annotate();
    const times = [];
    const cpu = server.cpu();
    const started = performance.now();
    await Promise.all(
      writers.map(async (writer) => {
        for (let n = 0; performance.now() - started < seconds * 1000; n++) {
          const took = await writer.comment(n);
          if (performance.now() - started > 1000) times.push(took);
        }
      }),
    );
    const elapsed = (performance.now() - started) / 1000;
    const used = (server.cpu() - cpu) / elapsed;
    for (const { socket } of writers) socket.terminate();
    await server.stop();
    const [p50, p99] = quantiles(times, 0.5, 0.99);
    rows.push([name, count, ms(p50), ms(p99), Math.round(times.length / (elapsed - 1)), used.toFixed(2)]);
  }
  return {
    title: 'From sending a comment to its acknowledgement, stored durably (milliseconds)',
    head: ['database', 'writers', 'p50', 'p99', 'comments a second', 'server cores'],
    rows,
  };
}

async function connect(server, who) {
  const socket = await openSocketIo(server.url, who);
  const writer = new Writer(who.id);
  let id = 0;
  const send = async (update) => {
    const started = performance.now();
    await sendUpdate(socket, who.room, update, ++id);
    return performance.now() - started;
  };
  return {
    socket,
    thread: '',
    annotate: async () => {
      const { id: thread, update } = writer.annotate(1);
      await send(update);
      return thread;
    },
    comment(n) {
      return send(writer.comment(this.thread, n));
    },
  };
}
