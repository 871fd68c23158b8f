// A layer that has been worked in for years: many past client ids, much that was ended. Every kind of client still comes
// in, sends its whole copy again, and comes back.
import { fork } from 'node:child_process';
import { syncMessage } from './connections.mjs';
import { goal, medians, megabytes, ms, pause, quantiles, within } from './measure.mjs';
import { openPage, openSocket } from './opening.mjs';
import { inBench, newFolder, removeFolder, settled } from './processes.mjs';
import { marked, markersIn, Writer } from './work.mjs';
import * as Y from 'yjs';

const size = { clients: 15_000, ranges: 100_000 };
const smaller = { clients: 3_000, ranges: 20_000 };
const last = 10;
const comments = 50;

/** Writes the room's log while no server runs on the folder. */
function writeLog(given) {
  const child = fork(inBench('old-log.mjs'), [JSON.stringify(given)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr.on('data', (bytes) => (said = (said + bytes).slice(-4000)));
  return new Promise((resolve, reject) => {
    let result = null;
    child.on('message', (message) => (result = message));
    child.once('exit', (code) =>
      code === 0 && result ? resolve(result) : reject(new Error(`old-log ended with ${code}: ${said}`)),
    );
  });
}

/** From sending the whole copy to what that means: stored, or, where nothing is acknowledged, something after it seen. */
async function sendWhole(way, server, person, room, state, whole, n, watching) {
  const connection = new way.connection(server, person, room);
  await connection.open(whole);
  const started = performance.now();
  if (connection.other) {
    const seen = new Promise((resolve) => {
      watching.hear = (data) => [...markersIn(data)].includes(n) && resolve();
    });
    connection.socket.send(syncMessage(1, state));
    const writer = new Writer(person.id);
    writer.annotate(n, marked(n));
    connection.send(Y.encodeStateAsUpdate(writer.doc));
    await within(30_000, seen, `${way.name}: the whole copy sent again`);
  } else await within(30_000, connection.send(state), `${way.name}: the whole copy sent again`);
  const took = performance.now() - started;
  connection.close();
  return took;
}

async function measure(server, start, { people, room, layer, state, threads }, [yWebsocket, socketIo], n) {
  const [reader, other] = people;
  const fresh = async () => {
    await server.stop();
    server = await start();
    await pause(500);
  };
  const results = {};
  await fresh();
  results.page = (await openPage(socketIo, server, reader, room, layer)).took;
  await fresh();
  results.plain = (await openSocket(yWebsocket, server, reader, room, layer, { first: layer.first })).took;
  for (const [key, way] of [
    ['backPage', socketIo],
    ['backPlain', yWebsocket],
  ]) {
    await fresh();
    const since = { since: layer.before, first: layer.first };
    results[key] = (await openSocket(way, server, reader, room, layer, since)).took;
  }
  const watching = new socketIo.connection(server, other, room);
  await watching.open(layer.whole);
  results.againPlain = await sendWhole(yWebsocket, server, reader, room, state, layer.whole, n, watching);
  results.againPage = await sendWhole(socketIo, server, reader, room, state, layer.whole, n + 1, watching);
  const writer = new Writer(other.id);
  const times = [];
  for (let i = 0; i < comments; i++) {
    const update = writer.comment(threads[0], i);
    const started = performance.now();
    await watching.send(update);
    times.push(performance.now() - started);
  }
  [results.comment, results.slowest] = quantiles(times, 0.5, 0.99);
  watching.close();
  return { server, results };
}

export async function oldRoom({ quick, runs, doors }) {
  const { clients, ranges } = quick ? smaller : size;
  const [, socketIo] = doors;
  const folder = newFolder();
  const start = () => socketIo.start(folder);
  let server = await start();
  const people = await server.people(2);
  const { room } = people[0];
  await server.stop();
  const written = await writeLog({ dataDir: folder, room, person: people[0].id, clients, ranges, last });
  if (written.clients < clients || written.ranges < ranges)
    throw new Error(`the old room has ${written.clients} client ids and ${written.ranges} ended ranges only`);
  const state = Buffer.from(written.state, 'base64');
  const layer = {
    entries: clients,
    first: clients - last,
    before: Buffer.from(written.before, 'base64'),
    whole: Y.encodeStateVectorFromUpdate(state),
  };
  // Once opened and written to, so that the server has made of the log whatever it keeps of such a room.
  server = await start();
  const once = new socketIo.connection(server, people[0], room);
  await once.open();
  await once.send(new Writer(people[0].id).annotate(0).update);
  await settled(server);
  once.close();
  await settled(server);
  const all = [];
  for (let run = 0; run < runs; run++) {
    const given = { people, room, layer, state, threads: written.threads };
    const { server: running, results } = await measure(server, start, given, doors, clients + 10 * run);
    server = running;
    all.push(results);
  }
  await server.stop();
  removeFolder(folder);
  const one = medians(all);
  const lines = [
    ['opening as the page does, server just restarted', one.page, 100],
    ['opening over y-websocket, server just restarted', one.plain, 250],
    [`coming back with ${last} missed, Socket.IO, server just restarted`, one.backPage, 50],
    [`coming back with ${last} missed, y-websocket, server just restarted`, one.backPlain, 50],
    ['the whole copy sent again, Socket.IO', one.againPage, 250],
    ['the whole copy sent again, y-websocket', one.againPlain, 250],
    ['one comment acknowledged, p99', one.slowest, 40],
  ];
  const title = `An old room: ${written.clients} past client ids, ${written.ranges} ended ranges, ${megabytes(state.length)} MB`;
  return {
    title,
    head: ['what', 'ms'],
    rows: [
      ...lines.map(([what, figure]) => [what, ms(figure)]),
      ['one comment acknowledged, p50', ms(one.comment)],
    ],
    goals: lines.map(([what, figure, most]) =>
      goal(`old room${quick ? ' (smaller: --quick)' : ''}: ${what}`, { figure, most, unit: ' ms' }),
    ),
  };
}
