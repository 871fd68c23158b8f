import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { projectAll } from '../../server/rooms/projection.js';
import { act, Names } from '../support/model-acts.js';
import { PageReader, YReader, type ModelReader } from '../support/model-readers.js';
import { layer, nextTurn, room, World } from '../support/model-world.js';
import { entriesOf } from '../support/random-room.js';

const person = (letter: string): string => `01900000-0000-7000-8000-f0000000000${letter}`;
const [anna, ben, mo] = [person('a'), person('b'), person('c')] as const;

const happening = fc.record({
  what: fc.constantFrom(
    ...([
      'write',
      'write',
      'write',
      'write',
      'write',
      'write',
      'pause',
      'pause',
      'leave',
      'come',
      'move',
    ] as const),
    ...([
      'reload',
      'keep',
      'tab',
      'role',
      'care',
      'care',
      'forget',
      'deaf',
      'kill',
      'away',
      'lost answer',
    ] as const),
  ),
  who: fc.nat(4),
  n: fc.nat(5_000),
});
interface Happening {
  readonly what: string;
  readonly who: number;
  readonly n: number;
}

/** Everybody back, nothing lost any more: resolves when all is stored and read, or with what still waits. */
async function settle(world: World, readers: readonly ModelReader[], names: Names): Promise<string[]> {
  world.deaf = false;
  for (const server of world.servers) server.away = false;
  for (const [id, role] of roles) world.changeRole(id, role);
  for (const reader of readers) reader.goOnline();
  await until(() => readers.every((reader) => reader.calm));
  // A message between servers that was lost is found by the next one.
  for (const [i, server] of world.servers.entries()) {
    readers[i]?.moveTo(server);
    await until(() => readers[i]?.calm === true);
    const before = world.batches().length;
    const reader = readers[i];
    if (reader) act(world, names, reader, 0);
    await until(() => world.batches().length > before && readers.every(({ calm }) => calm));
  }
  await until(() => unequal(world, readers).length === 0);
  return unequal(world, readers);
}

const roles = [
  [anna, 'reader'],
  [ben, 'reader'],
  [mo, 'moderator'],
] as const;

async function until(done: () => boolean): Promise<void> {
  const late = performance.now() + 3_000;
  while (!done() && performance.now() < late) await nextTurn();
}

const stateOf = (doc: Y.Doc): unknown => ({
  entries: entriesOf(doc),
  vector: Y.decodeStateVector(Y.encodeStateVector(doc)),
  deleted: Y.snapshot(doc).ds,
  waits: doc.store.pendingStructs ?? doc.store.pendingDs,
});

/** Which readers' copies differ from the log. */
function unequal(world: World, readers: readonly ModelReader[]): string[] {
  const log = sorted(world.logged());
  return readers.flatMap((reader, i) =>
    reader.calm && sorted(reader.doc).equals(log) ? [] : [`reader ${i}${reader.calm ? '' : ' waits'}`],
  );
}

/** Two documents that hold the same are the same bytes once one client's document has taken them. */
const sorted = (doc: Y.Doc): Buffer => {
  const fresh = new Y.Doc();
  Y.applyUpdate(fresh, Y.encodeStateAsUpdate(doc));
  return Buffer.from(Y.encodeStateAsUpdate(fresh));
};

async function live(seed: number, happenings: readonly Happening[]): Promise<void> {
  const world = new World(seed);
  const names = new Names();
  for (const [id, role] of roles) world.changeRole(id, role);
  const [first, second] = world.servers as [World['servers'][0], World['servers'][0]];
  const readers = [
    new PageReader(world, anna, first),
    new PageReader(world, mo, second),
    new YReader(world, ben, first),
    new PageReader(world, anna, second),
    new YReader(world, anna, second),
  ];
  for (const reader of readers) reader.goOnline();
  for (const { what, who, n } of happenings) {
    const reader = readers[who] as ModelReader;
    const server = world.servers[n % 2] as (typeof world.servers)[0];
    switch (what) {
      case 'write':
        act(world, names, reader, n);
        break;
      case 'pause':
        for (let i = n % 16; i > 0; i--) await nextTurn();
        break;
      case 'leave':
        reader.leave();
        break;
      case 'come':
        reader.goOnline();
        break;
      case 'move':
        reader.moveTo(server);
        break;
      case 'reload':
        reader.reload();
        break;
      case 'keep':
        reader.keep();
        break;
      case 'tab':
        (readers[3] as PageReader).adopt(readers[0] as PageReader);
        break;
      case 'role': {
        const [id, role] = roles[who % 3] ?? roles[0];
        world.changeRole(id, n % 2 ? 'viewer' : role);
        break;
      }
      case 'care':
        world.care();
        break;
      case 'forget':
        world.forget(n % 8);
        break;
      case 'deaf':
        world.deaf = n % 2 === 0;
        break;
      case 'kill':
        server.kill();
        break;
      case 'away':
        server.away = n % 4 < 2;
        break;
      case 'lost answer':
        server.losesAnswer = true;
        break;
    }
  }
  const waiting = await settle(world, readers, names);
  expect(world.faults).toEqual([]);
  expect(waiting).toEqual([]);
  const log = world.logged();
  const stored = world.store.rooms.get(room);
  for (const reader of readers) expect(stateOf(reader.doc)).toEqual(stateOf(log));
  // What a fresh server loads is the same, and so are the rows.
  for (const server of world.servers) {
    server.kill();
    const { room: live, release } = await server.hold();
    expect(await live.read(stateOf)).toEqual(stateOf(log));
    release();
  }
  const byKey = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
  expect(byKey(world.store.rowsOf(layer))).toEqual(byKey(projectAll(log, layer)));
  // Whatever was acknowledged is there.
  for (const reader of readers)
    for (const name of reader.acknowledged) {
      const [map = '', ...key] = name.split(' ');
      if (map !== 'reactions') expect(log.getMap(map).has(key.join(' ')), name).toBe(true);
    }
  // Once cared for, nothing that the log holds tells a removed word.
  world.care();
  const words = world.wordsOfRemoved(log.getMap('removed').keys());
  const kept = [...(world.store.rooms.get(room)?.batches ?? [])].flatMap(({ updates }) => updates);
  const rows = JSON.stringify(world.store.rowsOf(layer));
  for (const word of words) {
    expect(kept.filter((update) => Buffer.from(update).includes(word))).toEqual([]);
    expect(rows).not.toContain(word);
  }
  expect(stored).toBeDefined();
}

describe('readers on two servers over one log', () => {
  it('[MODEL1] whatever becomes of readers, servers, messages and states, all copies, the log and the rows come out the same, and no honest work is refused', async () => {
    await fc.assert(fc.asyncProperty(fc.nat(), fc.array(happening, { minLength: 5, maxLength: 60 }), live), {
      numRuns: Number(process.env['MODEL_RUNS'] ?? 60),
      endOnFailure: true,
    });
  }, 240_000);
});
