import { describe, expect, it } from 'vitest';
import { embeddedStore, postgresMissing, postgresStore, type Store } from '../support/databases.js';
import { annotate, entry, updateOf, Visitor, type Wire } from '../support/people.js';
import { startServer } from '../support/server.js';

const rounds = 10;
const writers = 4;

/** What one writer learned before the server died. */
interface Witness {
  acknowledged: Set<string>;
  seen: Set<string>;
}

/** Writes without a pause until the connection is gone; notes what was acknowledged, and what others' work it saw. */
async function write(wire: Wire, author: string, witness: Witness): Promise<void> {
  wire.doc.getMap('annotations').observe((event) => {
    if (event.transaction.origin === wire)
      for (const key of event.keysChanged) witness.seen.add(key as string);
  });
  while (wire.socket.connected) {
    let id = '';
    const update = updateOf(wire.doc, (doc) => (id = annotate(doc, author)));
    const answer = await Promise.race([wire.send(update), disconnected(wire)]);
    if (answer?.ok) witness.acknowledged.add(id);
  }
}

const disconnected = (wire: Wire): Promise<null> =>
  new Promise((resolve) => {
    if (!wire.socket.connected) resolve(null);
    wire.socket.once('disconnect', () => resolve(null));
  });

async function killRepeatedly({ location }: Store): Promise<void> {
  const env = {
    DATA_DIR: location.dataDir,
    ...(location.databaseUrl !== undefined && { DATABASE_URL: location.databaseUrl }),
  };
  let server = await startServer(env);
  const people = await Promise.all(
    Array.from({ length: writers }, (_, i) => Visitor.join(server, `Writer ${i + 1}`)),
  );
  const room = await (people[0] as Visitor).layer();
  const all: Witness = { acknowledged: new Set(), seen: new Set() };
  let writes = 0;
  for (let round = 0; round < rounds; round++) {
    const wires = await Promise.all(people.map((person) => person.at(server.url).socketIo(room)));
    const working = wires.map((wire, i) => write(wire, people[i]?.id ?? '', all));
    // The moment of death is counted in acknowledgements, so that every round dies in the middle of work.
    const enough = all.acknowledged.size + 5 + Math.floor(Math.random() * 120);
    while (all.acknowledged.size < enough) await new Promise(setImmediate);
    await server.stop('SIGKILL');
    await Promise.all(working);
    writes += wires.length;
    server = await startServer(env);
    const reader = await (people[0] as Visitor).at(server.url).socketIo(room);
    for (const id of [...all.acknowledged, ...all.seen])
      expect(entry(reader.doc, 'annotations', id), `round ${round}: ${id} is gone`).toBeDefined();
    const layer = room.slice('layer:'.length);
    const listed = await (people[0] as Visitor)
      .at(server.url)
      .get<{ total: number }>(`/api/layers/${layer}/annotations/`);
    expect(listed.total).toBe(reader.doc.getMap('annotations').size);
    reader.close();
  }
  expect(writes).toBe(rounds * writers);
  expect(await server.stop()).toBe(0);
}

describe('a server that is killed', () => {
  it('[CRASH1] embedded: keeps every acknowledged entry exactly once, and everything that anybody saw', async () => {
    await killRepeatedly(await embeddedStore());
  }, 240_000);

  it.skipIf(postgresMissing)(
    '[CRASH2] PostgreSQL: keeps every acknowledged entry exactly once, and everything that anybody saw',
    async () => {
      await killRepeatedly(await postgresStore());
    },
    240_000,
  );
});
