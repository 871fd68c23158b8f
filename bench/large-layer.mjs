// A layer of 10,000 annotations with 20,000 comments by 20 people, and how a server is brought to hold it.
import * as Y from 'yjs';
import { inTurns, pause } from './measure.mjs';
import { settled } from './processes.mjs';
import { marked, marker, markersIn, Writer } from './work.mjs';

export const writers = 20;
/** Annotations of one update, each with two comments. */
const together = 25;
/** What a reader who comes back has missed: updates of one annotation with its two comments. */
export const missed = 10;

/**
 * The updates of each writer, the last ones that somebody misses, and the state vectors before those and after all.
 * Every entry carries a number below `entries`; those of `last` are the highest.
 */
export function largeLayer(people, annotations) {
  const all = people.map(({ id }) => new Writer(id));
  const updates = all.map(() => []);
  const last = [];
  let n = 0;
  const write = (writer) => {
    const { id } = writer.annotate(n, marker(n++));
    for (let i = 0; i < 2; i++) writer.comment(id, n, marked(n++));
  };
  for (let at = 0, turn = 0; at < annotations - missed; turn++) {
    const count = Math.min(together, annotations - missed - at);
    const writer = all[turn % writers];
    const update = writer.together(() => {
      for (let i = 0; i < count; i++) write(writer);
    });
    updates[turn % writers].push(update);
    at += count;
  }
  const vector = () =>
    Y.encodeStateVectorFromUpdate(
      Y.mergeUpdates(all.map(({ doc }) => Y.encodeStateAsUpdate(doc)).filter((one) => one.length > 2)),
    );
  const before = vector();
  const firstMissed = n;
  for (let i = 0; i < missed; i++)
    last.push({ writer: i % writers, update: all[i % writers].together(() => write(all[i % writers])) });
  return { updates, last, before, whole: vector(), entries: n, firstMissed };
}

/** Sends it to a running server and waits until it has put everything where it puts it. */
export async function seed(way, server, people, layer) {
  const connections = await inTurns(people, writers, async (person) => {
    const connection = new way.connection(server, person, people[0].room);
    await connection.open();
    return connection;
  });
  await Promise.all(
    layer.updates.map(async (updates, i) => {
      for (const update of updates) {
        // Marginalia answers when it is stored; the others are given a little time.
        await connections[i].send(update);
        await pause(10);
      }
    }),
  );
  await pause(500);
  for (const { writer, update } of layer.last) {
    await connections[writer].send(update);
    await pause(50);
  }
  await settled(server);
  // Hocuspocus stores 2 s after the last change, at the latest after 10 s.
  await pause(3_500);
  for (const connection of connections) connection.close();
  await settled(server);
}

/** Collects the numbers of what comes, until all from `first` up to `entries` are there. */
export class Arrivals {
  #seen;
  #missing;

  constructor(first, entries) {
    this.first = first;
    this.#seen = new Uint8Array(entries);
    this.#missing = entries - first;
    this.complete = new Promise((resolve) => (this.#done = resolve));
  }
  #done;

  take(bytes) {
    for (const n of markersIn(bytes)) {
      if (n < this.first || n >= this.#seen.length || this.#seen[n] === 1) continue;
      this.#seen[n] = 1;
      if (--this.#missing === 0) this.#done(performance.now());
    }
  }

  get missing() {
    return this.#missing;
  }
}
