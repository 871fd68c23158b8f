// 50 people who all write at once: what arrives together may leave together, which a relay cannot do.
import { digits, goal, inTurns, medians, ms, pause, quantiles, until, waitFor } from './measure.mjs';
import { newFolder, removeFolder } from './processes.mjs';
import { marked, markersIn, Writer } from './work.mjs';

const writers = 50;
/** Milliseconds between two comments of one writer: 49,000 deliveries a second. */
const every = 50;

async function measure(way, seconds) {
  const folder = newFolder();
  const server = await way.start(folder);
  const who = await server.people(writers);
  const { room } = who[0];
  const sent = [];
  const times = [];
  let delivered = 0;
  let from = Infinity;
  const all = await inTurns(who, 25, async (person, i) => {
    const connection = new way.connection(server, person, room);
    await connection.open();
    connection.hear = (data) => {
      const now = performance.now();
      // The number of an entry names its writer. What comes back to him is no delivery.
      for (const n of markersIn(data)) {
        if (n < from || n % writers === i) continue;
        delivered++;
        times.push(now - sent[n]);
      }
    };
    const writer = new Writer(person.id);
    const { id, update } = writer.annotate(i);
    connection.send(update);
    await pause(2);
    const write = (n) => {
      const next = writer.comment(id, n, marked(n));
      sent[n] = performance.now();
      connection.send(next);
    };
    return { connection, write };
  });
  for (let round = 0; round < 2; round++)
    for (const [i, { write }] of all.entries()) {
      write(round * writers + i);
      await pause(2);
    }
  await pause(800);
  from = 2 * writers;
  const frames = () => all.reduce((sum, { connection }) => sum + connection.frames, 0);
  const framesBefore = frames();
  const cpu = server.cpu();
  const started = performance.now();
  const rounds = Math.round((seconds * 1000) / every);
  await Promise.all(
    all.map(async ({ write }, i) => {
      for (let round = 0; round < rounds; round++) {
        await until(started + round * every + (i * every) / writers);
        write(from + round * writers + i);
      }
    }),
  );
  const expected = rounds * writers * (writers - 1);
  await waitFor(
    () => delivered >= expected,
    20_000,
    () => `${way.name}: ${delivered} of ${expected} delivered`,
  );
  const took = (performance.now() - started) / 1000;
  await pause(200);
  if (delivered !== expected) throw new Error(`${way.name}: ${delivered} deliveries of ${expected}`);
  const used = server.cpu() - cpu;
  const perDelivery = (frames() - framesBefore) / delivered;
  for (const { connection } of all) connection.close();
  await server.stop();
  removeFolder(folder);
  const [p50, p99] = quantiles(times, 0.5, 0.99);
  return { p50, p99, cpu: (used / delivered) * 1e6, rate: delivered / took, frames: perDelivery };
}

export async function everyoneWrites({ quick, runs, relay, peers, doors }) {
  const ways = [relay, ...peers, ...doors];
  const all = new Map(ways.map((way) => [way, []]));
  for (let run = 0; run < runs; run++)
    for (const way of ways) all.get(way).push(await measure(way, quick ? 2 : 5));
  const figures = new Map([...all].map(([way, measured]) => [way, medians(measured)]));
  const of = (way) => figures.get(way).cpu / figures.get(relay).cpu;
  const best = peers.length > 0 ? Math.min(...peers.map(of)) : '';
  return {
    title: `Everyone writes: ${writers} people, each a comment every ${every} ms`,
    head: [
      'server',
      'deliveries/s',
      'CPU us a delivery',
      'to the relay',
      'frames a delivery',
      'p50 ms',
      'p99 ms',
    ],
    rows: ways.map((way) => {
      const { cpu, p50, p99, rate, frames } = figures.get(way);
      return [
        way.name,
        Math.round(rate),
        digits(cpu),
        digits(of(way), 2),
        digits(frames, 2),
        ms(p50),
        ms(p99),
      ];
    }),
    goals: doors.map((way) =>
      goal(`everyone writes, server CPU a delivery to the relay's (${way.name})`, {
        figure: of(way),
        most: 0.9,
        peer: best,
      }),
    ),
  };
}
