// A program of `into-rooms`: rooms over a database, without HTTP and sockets, and writers who write without a pause.
import { openDatabase } from '../dist/server/database/open.js';
import { createRoomLog } from '../dist/server/database/room-log.js';
import { Budgets } from '../dist/server/rooms/budget.js';
import { CommitQueue } from '../dist/server/rooms/commit-queue.js';
import { Rooms } from '../dist/server/rooms/registry.js';
import { rightsOf } from '../dist/core/roles.js';
import { v7 as uuid } from 'uuid';
import { quantiles } from './measure.mjs';
import { Writer } from './work.mjs';

const given = JSON.parse(process.argv[2]);
const warm = 1_000;
/** Updates that are made beforehand for each writer and second: more than any database takes. */
const ahead = 400;

const database = await openDatabase({
  dataDir: given.dataDir,
  ...(given.databaseUrl && { databaseUrl: given.databaseUrl }),
  onFatal: (error) => {
    throw error;
  },
});
const log = createRoomLog(database);
const reader = rightsOf('reader');
const clock = { now: () => Date.now() };
const rooms = new Rooms({
  log,
  queue: new CommitQueue(log, database.kind === 'embedded' ? 1 : 4),
  access: { rights: () => reader },
  clock,
  budgets: new Budgets(clock),
  shared: database.kind === 'postgres',
  noticed: () => {},
  report: (problem, detail) => console.error(problem, detail),
});

const names = Array.from({ length: given.rooms }, () => `layer:${uuid()}`);
const submit = async (room, person, update) => {
  const answer = await room.submit(person, { kind: 'update', update }, person);
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
};
const writers = [];
for (let i = 0; i < given.writers; i++) {
  const person = { id: uuid(), name: `Writer ${i}` };
  const { room } = await rooms.hold(names[i % names.length]);
  const writer = new Writer(person.id);
  const { id, update } = writer.annotate(i);
  await submit(room, person, update);
  const updates = [];
  while (updates.length < ahead * (given.seconds + 1)) updates.push(writer.comment(id, updates.length));
  writers.push({ room, person, updates });
}

const times = [];
const started = performance.now();
const end = started + warm + given.seconds * 1000;
await Promise.all(
  writers.map(async ({ room, person, updates }) => {
    for (const update of updates) {
      const sent = performance.now();
      if (sent > end) return;
      await submit(room, person, update);
      if (sent - started > warm) times.push(performance.now() - sent);
    }
    throw new Error('more updates were taken than were made beforehand');
  }),
);
const [p50, p99] = quantiles(times, 0.5, 0.99);
process.send({ rate: times.length / given.seconds, p50, p99 });
await rooms.close();
await database.close();
process.exit(0);
