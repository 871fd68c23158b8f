// 500 rooms with one update each a second, as many small groups make them: one commit may not wait for another. The same
// on a disk whose every fsync takes 5 and 10 ms more.
import { digits, goal, inTurns, medians, ms, pause, quantiles, until, waitFor } from './measure.mjs';
import { newFolder, removeFolder } from './processes.mjs';
import { marked, markersIn, Writer } from './work.mjs';

const every = 1_000;

async function measure(way, rooms, seconds, slower) {
  const folder = newFolder();
  const server = await way.start(
    folder,
    slower > 0 ? { preload: ['slow-fsync'], env: { SLOW_FSYNC: String(slower) } } : {},
  );
  const people = await server.people(rooms);
  const sent = [];
  const times = [];
  let delivered = 0;
  const first = rooms;
  const pairs = await inTurns(people, 20, async (person, i) => {
    const reader = new way.connection(server, person, person.own);
    await reader.open();
    const writing = new way.connection(server, person, person.own);
    await writing.open();
    const writer = new Writer(person.id);
    const { id, update } = writer.annotate(i);
    await writing.send(update);
    reader.hear = (data) => {
      const now = performance.now();
      for (const n of markersIn(data)) {
        delivered++;
        times.push(now - sent[n]);
      }
    };
    const write = (n) => {
      const next = writer.comment(id, n, marked(n));
      sent[n] = performance.now();
      writing.send(next);
    };
    return { reader, writing, write };
  });
  await pause(1_500);
  const cpu = server.cpu();
  const started = performance.now();
  await Promise.all(
    pairs.map(async ({ write }, i) => {
      for (let round = 0; round < seconds; round++) {
        await until(started + round * every + (i * every) / rooms);
        write(first + round * rooms + i);
      }
    }),
  );
  const expected = rooms * seconds;
  await waitFor(
    () => delivered >= expected,
    20_000,
    () => `${way.name}: ${delivered} of ${expected} delivered with fsync ${slower} ms slower`,
  );
  const late = performance.now() - started - seconds * 1000;
  await pause(200);
  if (delivered !== expected) throw new Error(`${way.name}: ${delivered} deliveries of ${expected}`);
  const used = server.cpu() - cpu;
  for (const { reader, writing } of pairs) {
    reader.close();
    writing.close();
  }
  await server.stop();
  removeFolder(folder);
  const [p50, p99] = quantiles(times, 0.5, 0.99);
  return { p50, p99, late, cores: used / seconds };
}

export async function manyRooms({ quick, runs, relay, peers, doors: [yWebsocket] }) {
  const rooms = quick ? 200 : 500;
  const cases = [
    ...[relay, ...peers, yWebsocket].map((way) => ({ way, slower: 0 })),
    { way: yWebsocket, slower: 5 },
    { way: yWebsocket, slower: 10 },
  ];
  for (const one of cases) {
    const all = [];
    for (let run = 0; run < runs; run++) all.push(await measure(one.way, rooms, quick ? 3 : 5, one.slower));
    one.figures = medians(all);
  }
  const ofPeers = cases.filter(({ way }) => way.kind === 'peer').map(({ figures }) => figures.p99);
  const best = ofPeers.length > 0 ? Math.min(...ofPeers) : '';
  const ours = cases.filter(({ way }) => way === yWebsocket);
  const slowed = (slower) => (slower > 0 ? `, every fsync ${slower} ms slower` : '');
  return {
    title: `${rooms} rooms of two, one update each a second: from sending to the other reader`,
    head: ['server', 'p50 ms', 'p99 ms', 'last one late by ms', 'server cores'],
    rows: cases.map(({ way, slower, figures: { p50, p99, late, cores } }) => [
      way.name + slowed(slower),
      ms(p50),
      ms(p99),
      ms(Math.max(0, late)),
      digits(cores, 2),
    ]),
    note: 'The peers relay before they store, so a slow disk is not on their way: it is only slowed for Marginalia.',
    goals: ours.map(({ slower, figures }) =>
      goal(`${rooms} rooms, one update each a second, p99${slowed(slower)}`, {
        figure: figures.p99,
        most: 50 + 2 * slower,
        unit: ' ms',
        peer: slower === 0 ? best : '',
      }),
    ),
  };
}
