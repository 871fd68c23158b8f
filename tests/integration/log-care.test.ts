import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import * as Y from 'yjs';
import { brotliDecompressSync } from 'node:zlib';
import { readPieces } from '../../core/framing.js';
import { layerMaps } from '../../core/entries.js';
import type { RoomName } from '../../core/rooms.js';
import { createLogCare, type CareOptions, type RunningLogCare } from '../../server/database/care/log-care.js';
import type { Looked } from '../../server/database/care/pass.js';
import { readRows, readWindow } from '../../server/database/care/rows.js';
import type { Database } from '../../server/database/open.js';
import { createRoomLog } from '../../server/database/room-log.js';
import type { RoomLog, StoredState } from '../../server/rooms/ports.js';
import { commentRow } from '../contract/room-log.js';
import { embeddedStore, postgresMissing, postgresStore, type Store } from '../support/databases.js';
import { anAct, entriesOf, RandomRoom, rebuilt } from '../support/random-room.js';

const longTail = { parts: 3_000, bytes: 1_000_000, removed: false };
const removal = { parts: 1, bytes: 100, removed: true };
const keep = { batches: 5, milliseconds: 0, least: 1 };
const freshRoom = (): RoomName => `layer:${randomUUID()}`;

/** The care of a server's log, at a pace for tests, and what it did. */
function caring(database: Database, options: Partial<CareOptions> = {}) {
  const looks: { room: RoomName; looked: Looked }[] = [];
  const reports: string[] = [];
  const care = createLogCare(database, {
    report: (problem, { error }) => void reports.push(`${problem}: ${String(error)}`),
    pace: { quiet: 1, longest: 1_000, rest: 1, restShare: 0, retry: 20, sweep: 20 },
    keep,
    ...options,
    looked: (room, looked) => void looks.push({ room, looked }),
  });
  onTestFinished(() => care.close());
  /** Waits for the next look after the room. */
  const looked = async (room: RoomName, ask: (care: RunningLogCare) => void): Promise<Looked> => {
    const before = looks.length;
    ask(care);
    return vi.waitFor(
      () => {
        const look = looks.slice(before).find((look) => look.room === room);
        if (!look) throw new Error(`nobody looked after ${room}: ${reports.join('; ')}`);
        return look.looked;
      },
      { timeout: 20_000, interval: 5 },
    );
  };
  return { care, looks, reports, looked };
}

/** Commits what a random room's server wrote, batch by batch; answers where its log stands. */
async function commit(log: RoomLog, name: RoomName, { rows }: RandomRoom, after = 0): Promise<number> {
  const batches = rows.slice(after).map(({ update, person, seq, removes }) => ({
    room: name,
    seq,
    epoch: 'e',
    parts: [{ update, person }],
    clients: new Map<number, string>(),
    removes,
    projection: [],
  }));
  const outcomes = await log.append(batches);
  expect(outcomes.every((outcome) => outcome === 'committed')).toBe(true);
  return rows.length;
}

/** A small room in which something was removed. */
function wordyRoom(): RandomRoom {
  const room = new RandomRoom();
  for (let i = 0; i < 6; i++)
    for (const what of ['annotate', 'comment', 'edit', 'retag'] as const)
      room.act({ what, who: i % 3, which: i });
  room.act({ what: 'remove', who: 0, which: 3 });
  room.act({ what: 'remove', who: 0, which: 4 });
  expect(room.removed()).toHaveLength(2);
  return room;
}

const updatesOf = (state: StoredState | null): Uint8Array[] =>
  state ? readPieces(brotliDecompressSync(state.pieces)) : [];

/** All rows of both tables, in order. */
async function allRows({ pool }: Database, room: RoomName) {
  const rows = [];
  for (const table of ['room_history', 'room_log'] as const)
    for (let at = { seq: 0, part: -1 }; ;) {
      const window = await readWindow(pool, table, room, at, 2 ** 31);
      if (!window) break;
      const some = readRows(window);
      rows.push(...some);
      at = some.at(-1) ?? at;
    }
  return rows;
}

/** Each update whole, whatever number of rows it is stored in. */
function wholeUpdates(rows: Awaited<ReturnType<typeof allRows>>): Uint8Array[] {
  const updates: Uint8Array[] = [];
  let open: Uint8Array[] = [];
  for (const { update, more } of rows) {
    open.push(update);
    if (more) continue;
    updates.push(Buffer.concat(open));
    open = [];
  }
  return updates;
}

const kinds: [name: string, fresh: () => Promise<Store>, missing: string | null][] = [
  ['embedded', embeddedStore, null],
  ['PostgreSQL', postgresStore, postgresMissing],
];

describe.each(kinds)('%s', (kind, fresh, missing) => {
  describe.skipIf(missing !== null)(missing ?? 'cared for', () => {
    test('[CARE1] a long tail becomes a stored state that equals the log, and the room is told', async () => {
      const database = await (await fresh()).open();
      const log = createRoomLog(database);
      const { looked } = caring(database);
      const [name, room] = [freshRoom(), new RandomRoom()];
      // More than 64 KiB, in more than one piece.
      for (let i = 0; i < 900; i++) room.act({ what: i % 3 ? 'comment' : 'annotate', who: 0, which: i });
      const head = await commit(log, name, room);
      const told: StoredState[] = [];
      const { made, stored } = await looked(name, (care) =>
        care.grown(name, longTail, (state) => told.push(state)),
      );
      expect([made, stored?.seq]).toEqual([true, head]);
      const loaded = await log.load(name);
      expect(loaded).toMatchObject({ seq: head, tail: [], uncleansed: false });
      expect(told).toEqual([loaded.stored]);
      const { doc, entries } = rebuilt(updatesOf(loaded.stored));
      expect(entries).toEqual(entriesOf(room.server));
      expect(loaded.stored?.stateVector).toEqual(Y.encodeStateVector(doc));
      // A copy that has the structs and not yet the deletions is brought up to date by them alone.
      expect(loaded.stored?.deletions).toEqual(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(doc)));
      // The next one starts from it.
      room.act({ what: 'comment', who: 1, which: 1 });
      await commit(log, name, room, head);
      expect((await log.load(name)).tail.map(({ seq }) => seq)).toEqual([head + 1]);
      const next = await looked(name, (care) => care.grown(name, removal, () => undefined));
      expect(next.made).toBe(false);
    });

    test('[CARE3, CARE4] words of removed things go from every row within the time that is set, and the rest stays', async () => {
      const database = await (await fresh()).open();
      const log = createRoomLog(database);
      const { looked, looks } = caring(database);
      const [name, room] = [freshRoom(), wordyRoom()];
      const head = await commit(log, name, room);
      expect(
        (await allRows(database, name)).flatMap(({ update }) => room.wordsIn(update)).length,
      ).toBeGreaterThan(5);
      expect(await log.load(name)).toMatchObject({ uncleansed: true });
      const { cleansed, made, stored } = await looked(name, (care) => {
        for (let i = 0; i < 50; i++) care.grown(name, removal, () => undefined);
      });
      expect([cleansed > 0, made, stored?.seq]).toEqual([true, true, head]);
      // Many removals are one look.
      expect(looks).toHaveLength(1);
      const loaded = await log.load(name);
      expect(loaded).toMatchObject({ uncleansed: false, tail: [] });
      const rows = await allRows(database, name);
      const bytes = [...wholeUpdates(rows), ...updatesOf(loaded.stored)];
      expect(bytes.flatMap((update) => room.wordsIn(update))).toEqual([]);
      expect(rebuilt(wholeUpdates(rows)).entries).toEqual(entriesOf(room.server));
      expect(rebuilt(updatesOf(loaded.stored)).entries).toEqual(entriesOf(room.server));
      const { rows: rooms } = await database.pool.query('SELECT uncleansed FROM rooms WHERE name = $1', [
        name,
      ]);
      expect(rooms).toEqual([{ uncleansed: null }]);
      expect((await database.pool.query('SELECT name FROM chores')).rows).toEqual([{ name: 'rewrite' }]);
    });

    test('[CARE4] in the history too, where the removal comes late, and in an update of several rows', async () => {
      const database = await (await fresh()).open();
      const log = createRoomLog(database);
      const { looked } = caring(database, { keep: { ...keep, batches: 0 } });
      const name = freshRoom();
      const doc = new Y.Doc();
      const updates: Uint8Array[] = [];
      doc.on('update', (update: Uint8Array) => updates.push(update));
      const words = randomBytes(700_000).toString('hex');
      // One update of 2.8 MB: it is stored in three rows.
      doc.transact(() => {
        doc.getMap('comments').set('kept', { body: words.slice(0, 1_000_000), author: 'a' });
        doc.getMap('comments').set('gone', { body: `<words of gone>${words}`, author: 'a' });
      });
      doc.getMap('comments').set('later', { body: 'more', author: 'a' });
      const batch = (seq: number, removes = false) => {
        const parts = [{ update: updates[seq - 1] ?? new Uint8Array(), person: 'a' }];
        return { room: name, seq, epoch: 'e', parts, clients: new Map(), removes, projection: [] };
      };
      await log.append([batch(1), batch(2)]);
      const { compacted } = await looked(name, (care) => care.grown(name, longTail, () => undefined));
      expect(compacted).toBe(4);
      expect((await allRows(database, name)).map(({ more }) => more)).toEqual([true, true, false, false]);

      doc.transact(() => {
        doc.getMap('removed').set('gone', { by: 'a', at: 1 });
        doc.getMap('comments').set('gone', { body: '', author: 'a' });
      });
      await log.append([batch(3, true)]);
      const { cleansed } = await looked(name, (care) => care.grown(name, removal, () => undefined));
      expect(cleansed).toBe(3);
      const rows = await allRows(database, name);
      const whole = wholeUpdates(rows);
      expect(whole.map((update) => Buffer.from(update).includes('<words of gone>'))).toEqual([
        false,
        false,
        false,
      ]);
      expect(rebuilt(whole).entries).toEqual(entriesOf(doc));
      expect(rebuilt(updatesOf((await log.load(name)).stored)).entries).toEqual(entriesOf(doc));
    });

    test('[CARE5] what fails is reported and tried again until it is done', async () => {
      const database = await (await fresh()).open();
      const log = createRoomLog(database);
      const { looked, reports, care } = caring(database);
      const [name, room] = [freshRoom(), wordyRoom()];
      await commit(log, name, room);
      await database.pool.query('ALTER TABLE room_states RENAME TO elsewhere');
      care.grown(name, removal, () => undefined);
      await vi.waitFor(() => expect(reports.length).toBeGreaterThan(1), { timeout: 20_000 });
      expect(reports[0]).toMatch('could not be looked after; tried again');
      expect(await log.head(name)).toBe(room.rows.length);
      const { cleansed } = await looked(
        name,
        () => void database.pool.query('ALTER TABLE elsewhere RENAME TO room_states'),
      );
      expect(cleansed).toBeGreaterThan(0);
      expect((await allRows(database, name)).flatMap(({ update }) => room.wordsIn(update))).toEqual([]);
    });

    test('[CARE6] what a server left is done by the next one when it starts', async () => {
      const store = await fresh();
      const first = await store.open();
      const [name, room] = [freshRoom(), wordyRoom()];
      await commit(createRoomLog(first), name, room);
      const stopped = caring(first, { pace: { quiet: 60_000, longest: 60_000 } });
      stopped.care.grown(name, removal, () => undefined);
      await stopped.care.close();
      await first.close();

      const second = await store.open();
      const { looked } = caring(second);
      const { cleansed } = await looked(name, (care) => void care.resume());
      expect(cleansed).toBeGreaterThan(0);
      expect((await allRows(second, name)).flatMap(({ update }) => room.wordsIn(update))).toEqual([]);
      expect(stopped.looks).toEqual([]);
      expect(stopped.reports).toEqual([]);
    });

    test('[CARE8] whatever people do, state, log and history are the same room, and none of the words are in them', async () => {
      const database = await (await fresh()).open();
      const log = createRoomLog(database);
      const { looked, reports } = caring(database);
      await fc.assert(
        fc.asyncProperty(fc.array(anAct, { minLength: 40, maxLength: 120 }), async (acts) => {
          const [name, room] = [freshRoom(), new RandomRoom()];
          let committed = 0;
          for (const [i, act] of acts.entries()) {
            room.act(act);
            if (i % 30 !== 29) continue;
            committed = await commit(log, name, room, committed);
            await looked(name, (care) => care.grown(name, i % 20 ? removal : longTail, () => undefined));
          }
          room.settle();
          const head = await commit(log, name, room, committed);
          await looked(name, (care) => care.grown(name, removal, () => undefined));

          const rows = await allRows(database, name);
          const loaded = await log.load(name);
          const whole = wholeUpdates(rows);
          const fromState = [...updatesOf(loaded.stored), ...loaded.tail.flatMap(({ updates }) => updates)];
          expect(rebuilt(whole).entries).toEqual(entriesOf(room.server));
          expect(rebuilt(fromState).entries).toEqual(entriesOf(room.server));
          expect(rebuilt(whole).bytes.equals(rebuilt(fromState).bytes)).toBe(true);
          expect(loaded).toMatchObject({ seq: head, uncleansed: false });
          expect([...whole, ...fromState].flatMap((update) => room.wordsIn(update))).toEqual([]);
          // Who and when are kept.
          const runs = new Set(room.rows.map(({ person, seq }) => `${seq} ${person}`));
          for (const { seq, person } of rows) expect(runs).toContain(`${seq} ${person}`);
        }),
        { numRuns: 6 },
      );
      expect(reports).toEqual([]);
    });

    test('[CARE9] the newest batches stay in the log, the older go to the history, and who asks for them loads the whole', async () => {
      const database = await (await fresh()).open();
      const log = createRoomLog(database);
      const { looked } = caring(database);
      const [name, room] = [freshRoom(), wordyRoom()];
      const head = await commit(log, name, room);
      const { compacted } = await looked(name, (care) => care.grown(name, removal, () => undefined));
      expect(compacted).toBe(head - keep.batches);
      expect((await log.since(name, head - keep.batches))?.map(({ seq }) => seq)).toHaveLength(keep.batches);
      expect(await log.since(name, head - keep.batches - 1)).toBeNull();
      // Nothing young is moved, and nothing for the sake of a few.
      for (const other of [
        { ...keep, milliseconds: 60_000 },
        { ...keep, least: 1_000 },
      ]) {
        const careful = caring(database, { keep: other });
        const [name, room] = [freshRoom(), wordyRoom()];
        await commit(log, name, room);
        const looked = await careful.looked(name, (care) => care.grown(name, removal, () => undefined));
        expect(looked.compacted).toBe(0);
        expect(await log.since(name, 0)).toHaveLength(room.rows.length);
      }
    });

    test('[CARE15] a server that stops does not wait for the rest, and leaves nothing half done', async () => {
      const database = await (await fresh()).open();
      const log = createRoomLog(database);
      const [name, room] = [freshRoom(), wordyRoom()];
      await commit(log, name, room);
      // Stops as soon as the state is stored: before the rows are cleansed.
      let closing: Promise<void> | undefined;
      const stopping = caring(database, { stored: () => void (closing = stopping.care.close()) });
      stopping.care.grown(name, removal, () => undefined);
      await vi.waitUntil(() => closing !== undefined, { timeout: 20_000 });
      await closing;
      expect([stopping.looks, stopping.reports]).toEqual([[], []]);
      const { looked } = caring(database);
      expect((await looked(name, (care) => void care.resume())).cleansed).toBeGreaterThan(0);
      expect((await allRows(database, name)).flatMap(({ update }) => room.wordsIn(update))).toEqual([]);
    });

    test('[CARE16] rows that search and REST read lose the words in the commit that removes them', async () => {
      const database = await (await fresh()).open();
      const log = createRoomLog(database);
      const name = freshRoom();
      const row = commentRow(name.slice('layer:'.length), { body: 'secret words' });
      const batch = { room: name, epoch: 'e', clients: new Map<number, string>() };
      const parts = [{ update: new Uint8Array([0, 0]), person: 'a' }];
      await log.append([{ ...batch, seq: 1, parts, removes: false, projection: [row] }]);
      await log.append([
        { ...batch, seq: 2, parts, removes: true, projection: [{ ...row, body: '', removed: 1 }] },
      ]);
      const { rows } = await database.pool.query<{ body: string }>(
        'SELECT body FROM comments WHERE id = $1',
        [row.id],
      );
      expect(rows).toEqual([{ body: '' }]);
    });

    test('[CARE17] a log that is not whole makes no state: it is reported, and nothing is taken from it', async () => {
      const database = await (await fresh()).open();
      const log = createRoomLog(database);
      const { care, reports } = caring(database);
      const [name, room] = [freshRoom(), wordyRoom()];
      await commit(log, name, room);
      await database.pool.query('DELETE FROM room_log WHERE room = $1 AND seq = 3', [name]);
      care.grown(name, removal, () => undefined);
      await vi.waitFor(() => expect(reports.join()).toMatch('the log lacks the batch 3'), {
        timeout: 20_000,
      });
      expect((await database.pool.query('SELECT count(*)::int FROM room_states')).rows).toEqual([
        { count: 0 },
      ]);
      expect((await allRows(database, name)).length).toBe(room.rows.length - 1);
    });

    test.skipIf(kind === 'embedded')(
      '[CARE7] two servers look after one room one after the other, and each room is told of the other one’s state',
      async () => {
        const store = await fresh();
        const servers = [await store.open(), await store.open()].map((database) => ({
          database,
          ...caring(database),
        }));
        const [a, b] = servers;
        if (!a || !b) throw new Error('two servers');
        const log = createRoomLog(a.database);
        for (let round = 0; round < 3; round++) {
          const [name, room] = [freshRoom(), wordyRoom()];
          const head = await commit(log, name, room);
          const told = [[], []] as StoredState[][];
          for (const [i, { care }] of servers.entries())
            care.grown(name, removal, (state) => void told[i]?.push(state));
          await vi.waitFor(
            () => expect(told.map((states) => states.map(({ seq }) => seq))).toEqual([[head], [head]]),
            { timeout: 20_000 },
          );
          await vi.waitFor(async () => expect((await log.load(name)).uncleansed).toBe(false));
          const rows = await allRows(a.database, name);
          expect(rebuilt(wholeUpdates(rows)).entries).toEqual(entriesOf(room.server));
        }
        expect([a.reports, b.reports]).toEqual([[], []]);
      },
    );

    test.skipIf(kind === 'embedded')(
      '[CARE7] what a server left that died is found by the others',
      async () => {
        const store = await fresh();
        const database = await store.open();
        const { care, looks } = caring(database);
        await care.resume();
        const [name, room] = [freshRoom(), wordyRoom()];
        await commit(createRoomLog(await store.open()), name, room);
        await vi.waitFor(() => expect(looks[0]?.looked.cleansed).toBeGreaterThan(0), {
          timeout: 20_000,
        });
      },
    );
  });
});

test('[CARE2] a tail is long from 64 KiB on, from an eighth of a larger state on, or from 2,000 parts on', async () => {
  const { isLong } = await import('../../server/database/care/pass.js');
  const kib = 1024;
  expect(isLong({ parts: 1, bytes: 64 * kib }, 0)).toBe(false);
  expect(isLong({ parts: 1, bytes: 64 * kib + 1 }, 0)).toBe(true);
  expect(isLong({ parts: 1, bytes: 65 * kib }, 8 * 65 * kib)).toBe(false);
  expect(isLong({ parts: 1, bytes: 65 * kib + 1 }, 8 * 65 * kib)).toBe(true);
  expect(isLong({ parts: 2_000, bytes: 0 }, 0)).toBe(false);
  expect(isLong({ parts: 2_001, bytes: 0 }, 1e9)).toBe(true);
  expect(layerMaps).toHaveLength(9);
});
