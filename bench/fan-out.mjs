// How long a comment takes to reach everybody, and what a delivery costs the server, beside the peers and a bare relay.
import { digits, goal, inTurns, medians, ms, pause, quantiles, until, waitFor } from './measure.mjs';
import { newFolder, removeFolder } from './processes.mjs';
import { marked, markersIn, Writer } from './work.mjs';

const perSecond = 50;
const warm = 20;
/** The smaller crowd is measured beside the relay alone. */
const crowds = [100, 500];
/** People of whom each reads on several devices. */
const people = 100;

async function measure(way, readers, updates) {
  const folder = newFolder();
  const server = await way.start(folder);
  const who = await server.people(people);
  const { room } = who[0];
  const sent = [];
  const times = [];
  let delivered = 0;
  const connections = await inTurns(Array.from({ length: readers }), 25, async (_, i) => {
    const connection = new way.connection(server, who[i % people], room);
    await connection.open();
    connection.hear = (data) => {
      const now = performance.now();
      for (const n of markersIn(data)) {
        if (n < warm) continue;
        delivered++;
        times.push(now - sent[n]);
      }
    };
    return connection;
  });
  const writing = new way.connection(server, who[0], room);
  await writing.open();
  const writer = new Writer(who[0].id);
  const { id, update } = writer.annotate(0);
  writing.send(update);
  const write = (n) => {
    const next = writer.comment(id, n, marked(n));
    sent[n] = performance.now();
    writing.send(next);
  };
  const begin = performance.now();
  for (let n = 0; n < warm; n++) {
    await until(begin + n * 20);
    write(n);
  }
  await pause(500);
  const cpu = server.cpu();
  const started = performance.now();
  for (let n = 0; n < updates; n++) {
    await until(started + (n * 1000) / perSecond);
    write(warm + n);
  }
  const expected = updates * readers;
  await waitFor(
    () => delivered >= expected,
    20_000,
    () => `${way.name}: ${delivered} of ${expected} delivered`,
  );
  await pause(200);
  if (delivered !== expected) throw new Error(`${way.name}: ${delivered} deliveries of ${expected}`);
  const used = server.cpu() - cpu;
  for (const one of [...connections, writing]) one.close();
  await server.stop();
  removeFolder(folder);
  const [p50, p99] = quantiles(times, 0.5, 0.99);
  return { p50, p99, cpu: (used / delivered) * 1e6 };
}

export async function fanOut(given) {
  const tables = [];
  for (const readers of crowds) tables.push(await withReaders(readers, given));
  return tables;
}

async function withReaders(readers, { quick, runs, relay, peers: all, doors }) {
  const largest = readers === Math.max(...crowds);
  const peers = largest ? all : [];
  const updates = quick ? 100 : 200;
  const ways = [relay, ...peers, ...doors];
  const measured = new Map(ways.map((way) => [way, []]));
  for (let run = 0; run < runs; run++)
    for (const way of ways) measured.get(way).push(await measure(way, readers, updates));
  const figures = new Map([...measured].map(([way, runs]) => [way, medians(runs)]));
  const floor = figures.get(relay);
  const of = (way, key) => figures.get(way)[key] / floor[key];
  const best = (key) => (peers.length > 0 ? Math.min(...peers.map((way) => of(way, key))) : '');
  return {
    title: `Fan-out: ${readers} readers, one writer with ${perSecond} comments a second`,
    head: ['server', 'CPU us a delivery', 'to the relay', 'p50 ms', 'to the relay', 'p99 ms', 'to the relay'],
    rows: ways.map((way) => {
      const { cpu, p50, p99 } = figures.get(way);
      return [
        way.name,
        digits(cpu),
        digits(of(way, 'cpu'), 2),
        ms(p50),
        digits(of(way, 'p50'), 2),
        ms(p99),
        digits(of(way, 'p99'), 2),
      ];
    }),
    goals: (largest ? doors : []).flatMap((way) => [
      goal(`fan-out, server CPU a delivery to the relay's (${way.name})`, {
        figure: of(way, 'cpu'),
        most: 1.1,
        peer: best('cpu'),
      }),
      goal(`fan-out, latency p50 to the relay's (${way.name})`, {
        figure: of(way, 'p50'),
        most: 1.2,
        peer: best('p50'),
      }),
      goal(`fan-out, latency p99 to the relay's (${way.name})`, {
        figure: of(way, 'p99'),
        most: 1.5,
        peer: best('p99'),
      }),
    ]),
  };
}
