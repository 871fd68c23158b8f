// Opening a large layer on a server that was just started: alone, twenty at once, and coming back with ten updates missed.
import { digits, goal, medians, megabytes, ms, pause } from './measure.mjs';
import { largeLayer, missed, seed, writers } from './large-layer.mjs';
import { openPage, openSocket } from './opening.mjs';
import { newFolder, removeFolder } from './processes.mjs';

const annotations = { usual: 10_000, quick: 2_000 };
const crowd = 20;

/** One server's ways to open: a page fetches the state over HTTP first, where there is such a thing. */
const openings = (way) => (way.joinsAfterState ? openPage : openSocket);

async function measure(way, runs, count) {
  const folder = newFolder();
  let server = await way.start(folder);
  const people = await server.people(writers);
  const { room } = people[0];
  const layer = largeLayer(people, count);
  await seed(way, server, people, layer);
  await server.stop();
  const open = openings(way);
  const fresh = async () => {
    server = await way.start(folder);
    await pause(500);
  };
  const results = [];
  for (let run = 0; run < runs; run++) {
    await fresh();
    const cold = await open(way, server, people[0], room, layer);
    const warm = await open(way, server, people[1], room, layer);
    // Somebody stays, so that no server unloads the room between the readers.
    const staying = new way.connection(server, people[2], room);
    await staying.open();
    await pause(500);
    const cpu = server.cpu();
    const started = performance.now();
    const took = await Promise.all(
      Array.from({ length: crowd }, (_, i) => open(way, server, people[i % writers], room, layer)),
    );
    const all = performance.now() - started;
    await pause(200);
    const used = server.cpu() - cpu;
    staying.close();
    await server.stop();
    if (took.length !== crowd) throw new Error('not everybody came in');
    await fresh();
    const back = await openSocket(way, server, people[0], room, layer, {
      since: layer.before,
      first: layer.firstMissed,
    });
    await server.stop();
    results.push({
      cold: cold.took,
      bytes: cold.bytes,
      warm: warm.took,
      crowdCpu: used,
      crowd: all,
      back: back.took,
      backBytes: back.bytes,
    });
  }
  removeFolder(folder);
  return medians(results);
}

export async function coldOpen({ quick, runs, peers, doors: [yWebsocket, socketIo] }) {
  const page = { ...socketIo, name: 'Marginalia, as the page does', joinsAfterState: true };
  const ways = [...peers.filter(({ stores }) => stores), yWebsocket, page];
  const figures = new Map();
  const count = quick ? annotations.quick : annotations.usual;
  for (const way of ways) figures.set(way, await measure(way, runs, count));
  const best = (key) =>
    peers.length > 0
      ? Math.min(...[...figures].flatMap(([way, all]) => (way.kind === 'peer' ? [all[key]] : [])))
      : '';
  const small = quick ? ` (${count} annotations only: --quick)` : '';
  const reach = (what, way, key, most, unit, scale = 1) =>
    goal(`${what}${small} (${way.name})`, {
      figure: figures.get(way)[key] * scale,
      most,
      unit,
      peer: best(key) === '' ? '' : best(key) * scale,
    });
  return {
    title: `Opening a layer of ${count} annotations with ${2 * count} comments after a restart`,
    head: [
      'server',
      'cold ms',
      'MB',
      'warm ms',
      `${crowd} at once, server CPU s`,
      'the last of them ms',
      `back with ${missed} missed, cold ms`,
      'KB',
    ],
    rows: ways.map((way) => {
      const one = figures.get(way);
      return [
        way.name,
        ms(one.cold),
        megabytes(one.bytes),
        ms(one.warm),
        digits(one.crowdCpu, 2),
        ms(one.crowd),
        ms(one.back),
        digits(one.backBytes / 1e3),
      ];
    }),
    goals: [
      reach('cold open', page, 'cold', 100, ' ms'),
      reach('cold open', yWebsocket, 'cold', 250, ' ms'),
      reach('cold open, on the wire', page, 'bytes', 1.9, ' MB', 1e-6),
      ...[page, yWebsocket].map((way) => reach('20 readers at once, server CPU', way, 'crowdCpu', 0.1, ' s')),
      ...[page, yWebsocket].flatMap((way) => [
        reach('coming back with 10 missed, server just restarted', way, 'back', 50, ' ms'),
        reach('the same, on the wire', way, 'backBytes', 10, ' KB', 1e-3),
      ]),
    ],
  };
}
