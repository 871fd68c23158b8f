// What a room with two readers costs in memory, and what is left of it when they have gone and it is unloaded.
import { digits, goal, inTurns, pause } from './measure.mjs';
import { newFolder, removeFolder } from './processes.mjs';
import { marked, markersIn, Writer } from './work.mjs';

/** Rooms that are opened and left before the first look, so that code and pools are warm. */
const warmUp = 100;
/** Longer than a server keeps a room that nobody is in: 30 s here. Milliseconds. */
const idle = 45_000;

async function openRoom(way, server, person, n) {
  const reader = new way.connection(server, person, person.own);
  await reader.open();
  const heard = new Promise((resolve) => {
    reader.hear = (data) => [...markersIn(data)].includes(n) && resolve();
  });
  const writing = new way.connection(server, person, person.own);
  await writing.open();
  const writer = new Writer(person.id);
  const { id, update } = writer.annotate(n);
  await writing.send(update);
  await writing.send(writer.comment(id, n, marked(n)));
  await heard;
  return [reader, writing];
}

async function measure(way, rooms) {
  const folder = newFolder();
  const server = await way.start(folder, { preload: ['memory'] });
  const people = await server.people(warmUp + rooms);
  const open = (some, first) =>
    inTurns(some, 10, (person, i) => openRoom(way, server, person, first + i)).then((all) => all.flat());
  for (const one of await open(people.slice(0, warmUp), 0)) one.close();
  await pause(idle);
  const before = await server.memory();
  const connections = await open(people.slice(warmUp), warmUp);
  await pause(2_000);
  const loaded = await server.memory();
  for (const one of connections) one.close();
  await pause(idle);
  const after = await server.memory();
  await server.stop();
  removeFolder(folder);
  const kilobytes = (one, key) => (one[key] - before[key]) / 1024 / rooms;
  return { rss: kilobytes(loaded, 'rss'), heap: kilobytes(loaded, 'heap'), left: kilobytes(after, 'heap') };
}

export async function memory({ quick, relay, peers, doors }) {
  const rooms = quick ? 100 : 500;
  const ways = [relay, ...peers, ...doors];
  const figures = new Map();
  for (const way of ways) figures.set(way, await measure(way, rooms));
  const best = (key) => (peers.length > 0 ? Math.min(...peers.map((way) => figures.get(way)[key])) : '');
  return {
    title: `Memory a room: ${rooms} rooms of two readers, with one annotation and its comment`,
    head: ['server', 'KB resident', 'KB of heap', 'KB of heap left when all have gone'],
    rows: ways.map((way) => {
      const { rss, heap, left } = figures.get(way);
      return [way.name, digits(rss), digits(heap), digits(left, 2)];
    }),
    note: 'Resident memory holds both sockets, and what the system has not taken back yet. Heap is counted after a collection of garbage, with buffers.',
    goals: doors.flatMap((way) => [
      goal(`memory a room with two readers (${way.name})`, {
        figure: figures.get(way).rss,
        most: 60,
        unit: ' KB',
        peer: best('rss'),
      }),
      goal(`memory of an idle room after unloading (${way.name})`, {
        figure: figures.get(way).left,
        most: 2,
        unit: ' KB',
        peer: best('left'),
      }),
    ]),
  };
}
