import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { describe, expect, test, vi } from 'vitest';
import { append } from '../../server/database/append.js';
import { migrationsFolder } from '../../server/database/migrations.js';
import { keepTidy } from '../../server/database/maintenance.js';
import type { Log } from '../../server/database/log.js';
import { type Database, DatabaseError, openDatabase } from '../../server/database/open.js';
import { createRoomLog } from '../../server/database/room-log.js';
import { writeState } from '../../server/database/stored-states.js';
import { inTransaction } from '../../server/database/transaction.js';
import { annotationRow, batchOf, commentRow, stateAt } from '../contract/room-log.js';
import {
  embeddedStore,
  postgresMissing,
  postgresStore,
  type Store,
  temporaryFolder,
} from '../support/databases.js';

const onFatal = (error: Error) => {
  throw error;
};
const room = () => `layer:${randomUUID()}` as const;
const addPerson = ({ prisma }: Database, name = 'Anna') =>
  prisma.person.create({ data: { id: randomUUID(), name } });

/** A log that remembers its warnings. */
function listening(): Log & { warnings: string[] } {
  const warnings: string[] = [];
  const ignore = () => undefined;
  return { warnings, info: ignore, error: ignore, warn: (_fields, message) => void warnings.push(message) };
}

/** A pool whose connections are lost when an append goes on to its second statement. */
function cutOffAfterTheFirstStatement(pool: pg.Pool): pg.Pool {
  const connect = async () => {
    const client = (await pool.connect()) as pg.PoolClient & { connection: { stream: Duplex } };
    client.on('error', () => undefined);
    const query = client.query.bind(client) as (statement: { name?: string }) => Promise<pg.QueryResult>;
    const cut = (statement: { name?: string }) => {
      if (statement.name === 'marginalia_continue') client.connection.stream.destroy();
      return query(statement);
    };
    return Object.assign(client, { query: cut });
  };
  return { connect } as unknown as pg.Pool;
}

const kinds: [name: string, fresh: () => Promise<Store>, missing: string | null][] = [
  ['embedded', embeddedStore, null],
  ['PostgreSQL', postgresStore, postgresMissing],
];

describe.each(kinds)('%s', (kind, fresh, missing) => {
  describe.skipIf(missing !== null)(missing ?? 'opened', () => {
    test('[DB7] what was stored is there after closing and opening, and nothing is migrated twice', async () => {
      const store = await fresh();
      const first = await store.open();
      const { id } = await addPerson(first);
      expect(await first.ping()).toBe(true);
      await first.close();
      expect(await first.ping()).toBe(false);
      const second = await store.open();
      expect(second.migrated).toEqual([]);
      expect(await second.prisma.person.findUnique({ where: { id } })).toMatchObject({ name: 'Anna' });
      expect(second.kind).toBe(kind === 'embedded' ? 'embedded' : 'postgres');
    });

    test('[DB8] a transaction that throws leaves nothing, and those that wait for it go on', async () => {
      const database = await (await fresh()).open();
      const attempts = Array.from({ length: 30 }, (_, i) =>
        database.prisma.$transaction(async (tx) => {
          await tx.person.create({ data: { id: randomUUID(), name: `${i}` } });
          if (i % 2) throw new Error('no');
        }),
      );
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(15);
      expect(await database.prisma.person.count()).toBe(15);
    });

    test('[DB9] the database itself refuses a second instance, an unknown role, a private layer of nobody', async () => {
      const { prisma } = await (await fresh()).open();
      await prisma.instance.create({ data: { id: randomUUID() } });
      await expect(prisma.instance.create({ data: { id: randomUUID() } })).rejects.toThrow();
      const group = await prisma.group.create({ data: { id: randomUUID(), name: 'Readers' } });
      const invitation = { id: randomUUID(), groupId: group.id, code: 'code' };
      await expect(prisma.invitation.create({ data: { ...invitation, role: 'king' } })).rejects.toThrow(
        'invitations_role_check',
      );
      const document = await prisma.document.create({
        data: { id: randomUUID(), groupId: group.id, title: 'T', language: 'en', length: 1 },
      });
      const layer = { id: randomUUID(), documentId: document.id, name: 'Mine' };
      await expect(prisma.layer.create({ data: { ...layer, kind: 'private' } })).rejects.toThrow(
        'layers_kind_check',
      );
      await prisma.layer.create({ data: { ...layer, kind: 'shared' } });
    });

    test('[LOG19] who asks for batches that compaction has taken is told to load the whole, from the stored state', async () => {
      const database = await (await fresh()).open();
      const log = createRoomLog(database);
      const name = room();
      for (let seq = 1; seq <= 5; seq++) await log.append([batchOf(name, seq)]);
      await inTransaction(database.pool, async (client) => void (await writeState(client, name, stateAt(3))));
      await database.pool.query('DELETE FROM room_log WHERE room = $1 AND seq <= 3', [name]);
      expect(await log.since(name, 2)).toBeNull();
      expect((await log.since(name, 3))?.map(({ seq }) => seq)).toEqual([4, 5]);
      expect((await log.load(name)).tail.map(({ seq }) => seq)).toEqual([4, 5]);
      await database.pool.query('DELETE FROM room_log WHERE room = $1', [name]);
      expect(await log.since(name, 3)).toBeNull();
    });

    test('[LOG20] a log with a gap is never given out as whole', async () => {
      const database = await (await fresh()).open();
      const log = createRoomLog(database);
      const large = { update: new Uint8Array(1_100_000), person: 'server' };
      const small = { update: new Uint8Array([1]), person: 'server' };
      const missing = [
        'seq = 1',
        'seq = 2',
        'seq = 3',
        'seq = 2 AND part = 0',
        'seq = 1 AND part = 1',
        'seq = 1 AND part = 0',
      ];
      for (const where of missing) {
        const name = room();
        await log.append([batchOf(name, 1, { parts: [large] })]);
        await log.append([batchOf(name, 2, { parts: [small, small] }), batchOf(name, 3)]);
        expect((await log.load(name)).tail.map(({ updates }) => updates.length)).toEqual([1, 2, 1]);
        await database.pool.query(`DELETE FROM room_log WHERE room = '${name}' AND ${where}`);
        await expect(
          log.load(name).then(({ seq }) => seq),
          where,
        ).rejects.toThrow('has a gap');
        expect(await log.since(name, 0), where).toBeNull();
      }
    });

    test('[PROJ4] a text that PostgreSQL cannot hold as it is does not stop the room', async () => {
      const database = await (await fresh()).open();
      const name = room();
      const layer = name.slice('layer:'.length);
      const comment = commentRow(layer, {
        body: 'nul \0, half \ud800, whole \u{1f600}, written \\u0000 \\ud800',
      });
      const annotation = annotationRow(layer, { tags: ['\0'], exact: '\udc00', suggestion: 'plain' });
      await createRoomLog(database).append([batchOf(name, 1, { projection: [comment, annotation] })]);
      const { pool } = database;
      const stored = 'nul \ufffd, half \ufffd, whole \u{1f600}, written \\u0000 \\ud800';
      expect((await pool.query('SELECT body FROM comments WHERE layer_id = $1', [layer])).rows).toEqual([
        { body: stored },
      ]);
      expect(
        (await pool.query('SELECT tags, exact, suggestion FROM annotations WHERE layer_id = $1', [layer]))
          .rows,
      ).toEqual([{ tags: ['\ufffd'], exact: '\ufffd', suggestion: 'plain' }]);
    });

    test('[DB10] a connection that is lost in the middle of an append leaves nothing of it', async () => {
      const database = await (await fresh()).open();
      const log = createRoomLog(database);
      const [a, b] = [room(), room()];
      const large = { parts: [{ update: new Uint8Array(2 * 1024 * 1024), person: 'server' }] };
      const batches = [batchOf(a, 1, large), batchOf(b, 1)];
      await expect(append(cutOffAfterTheFirstStatement(database.pool), batches)).rejects.toThrow();
      expect(await Promise.all([log.head(a), log.head(b)])).toEqual([0, 0]);
      expect(await log.append(batches)).toEqual(['committed', 'committed']);
      expect((await log.load(a)).tail[0]?.updates[0]).toHaveLength(2 * 1024 * 1024);
    });
  });
});

describe('embedded', () => {
  test('[DB11, S5] a commit is exactly one fsync: of one row, of a hundred rooms, of a Prisma write', async () => {
    const database = await (await embeddedStore()).open();
    const log = createRoomLog(database);
    const counting = async (commit: () => Promise<unknown>) => {
      const before = (await database.fsyncs()) ?? 0;
      await commit();
      return ((await database.fsyncs()) ?? 0) - before;
    };
    const name = room();
    await log.append([batchOf(name, 1)]);
    for (let seq = 2; seq < 12; seq++) expect(await counting(() => log.append([batchOf(name, seq)]))).toBe(1);
    const many = Array.from({ length: 100 }, () => batchOf(room(), 1));
    expect(await counting(() => log.append(many))).toBe(1);
    expect(await counting(() => addPerson(database))).toBe(1);
    expect(await counting(() => log.load(name))).toBe(0);
  });

  test('[DB11] PostgreSQL itself says that commits are durable', async () => {
    const { pool } = await (await embeddedStore()).open();
    const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'shared_buffers'];
    const { rows } = await pool.query<{ name: string; setting: string }>(
      'SELECT name, setting FROM pg_settings WHERE name = ANY($1)',
      [names],
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      wal_sync_method: 'fsync',
      shared_buffers: '2048',
    });
  });

  test('[DB12] a connection begins anew: what the one before left open does not swallow its commits', async () => {
    const store = await embeddedStore();
    const database = await store.open();
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await client.query(`INSERT INTO people (id, name) VALUES ($1, 'left open')`, [randomUUID()]);
    client.release(true);
    await addPerson(database, 'kept');
    await database.close();
    const names = await (await store.open()).prisma.person.findMany({ select: { name: true } });
    expect(names).toEqual([{ name: 'kept' }]);
  });

  test('[DB13] when it panics the server is told once and why, queries fail, and nothing waits for ever', async () => {
    const fatal = vi.fn<(error: Error) => void>();
    const store = await embeddedStore();
    const database = await store.open({ onFatal: fatal });
    // The disk loses what PostgreSQL cannot do without.
    const folder = join(store.location.dataDir, 'database');
    renameSync(join(folder, 'pg_wal'), join(folder, 'lost'));
    const fatalWork = database.pool.query('SELECT pg_switch_wal()').then(() => addPerson(database));
    const behind = database.pool.query('SELECT 1').then(() => addPerson(database));
    for (const work of await Promise.allSettled([fatalWork, behind])) expect(work.status).toBe('rejected');
    await expect(addPerson(database)).rejects.toThrow();
    expect(await database.ping()).toBe(false);
    expect(fatal.mock.calls.map(([error]) => error)).toEqual([expect.any(DatabaseError)]);
    expect(fatal.mock.calls[0]?.[0].message).toMatch(
      /^The embedded database died: PANIC: .*No such file or directory/,
    );
    await database.close();
  });

  test('[DB14] a folder that was being made when the power went is made again', async () => {
    const dataDir = temporaryFolder();
    mkdirSync(join(dataDir, 'database.unfinished'));
    writeFileSync(join(dataDir, 'database.unfinished', 'PG_VERSION'), 'half');
    const database = await openDatabase({ dataDir, onFatal });
    expect(database.migrated).not.toEqual([]);
    await database.close();
  });

  test('[DB6] a folder that holds something else is left alone and named in one sentence', async () => {
    const dataDir = temporaryFolder();
    mkdirSync(join(dataDir, 'database'));
    const opening = openDatabase({ dataDir, onFatal });
    await expect(opening).rejects.toThrow(DatabaseError);
    await expect(opening).rejects.toThrow(`${join(dataDir, 'database')} could not be opened`);
  });

  test('[DB1] a second server is refused while the first one works, and the first one goes on', async () => {
    const store = await embeddedStore();
    const database = await store.open();
    await expect(store.open()).rejects.toThrow(DatabaseError);
    await expect(store.open()).rejects.toThrow('is in use');
    expect(await database.ping()).toBe(true);
  });

  test('[DB15] in a pause, tables are vacuumed and the write-ahead log is checkpointed', async () => {
    const { pool } = await (await embeddedStore()).open();
    await pool.query(
      `INSERT INTO people (id, name) SELECT gen_random_uuid(), 'x' FROM generate_series(1, 2000)`,
    );
    await pool.query(`UPDATE people SET name = 'y'`);
    const log = listening();
    const tidying = keepTidy(pool, log, { every: 5, pause: 0, longPause: 0, patience: 0, walLimit: 1e12 });
    const statement = `SELECT
      (SELECT vacuum_count::int FROM pg_stat_user_tables WHERE relname = 'people') AS vacuums,
      (SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::int FROM pg_control_checkpoint()) AS wal`;
    await vi.waitFor(async () => {
      const { rows } = await pool.query<{ vacuums: number; wal: number }>(statement);
      expect(rows[0]?.vacuums).toBeGreaterThan(0);
      expect(rows[0]?.wal).toBeLessThan(64 * 1024);
    }, 10_000);
    await tidying.stop();
    expect(log.warnings).toEqual([]);
  });

  test('[DB15] while people work, it waits', async () => {
    const { pool } = await (await embeddedStore()).open();
    await pool.query(
      `INSERT INTO people (id, name) SELECT gen_random_uuid(), 'x' FROM generate_series(1, 2000)`,
    );
    const looks = vi.spyOn(pool, 'connect');
    const tidying = keepTidy(pool, listening(), {
      every: 5,
      pause: 60_000,
      longPause: 60_000,
      patience: 60_000,
      walLimit: 1e12,
    });
    await vi.waitFor(() => expect(looks.mock.calls.length).toBeGreaterThan(3), 10_000);
    await tidying.stop();
    const { rows } = await pool.query(
      `SELECT vacuum_count::int AS vacuums FROM pg_stat_user_tables WHERE relname = 'people'`,
    );
    expect(rows).toEqual([{ vacuums: 0 }]);
  });
});

describe('a PostgreSQL server that cannot be used is named in one sentence, without its password', () => {
  const opening = (databaseUrl: string) => openDatabase({ databaseUrl, dataDir: temporaryFolder(), onFatal });

  test.each(['', 'localhost', 'mysql://localhost/x', 'http://localhost'])(
    '[DB16] no address: %j',
    async (url) => {
      await expect(opening(url)).rejects.toThrow(/^DATABASE_URL is not the address of a PostgreSQL server/);
    },
  );

  test('[DB16] nobody listens there', async () => {
    const error = await opening('postgresql://anna:secret@127.0.0.1:1/books').catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DatabaseError);
    expect(String(error)).toMatch('PostgreSQL at 127.0.0.1:1/books cannot be used: connect ECONNREFUSED');
    expect(String(error)).not.toContain('secret');
  });

  describe.skipIf(postgresMissing !== null)(postgresMissing ?? 'with a server', () => {
    const elsewhere = async (pathname: string) => {
      const { location } = await postgresStore();
      const url = new URL(location.databaseUrl ?? '');
      url.pathname = pathname;
      return url.href;
    };

    test('[DB16] there is no such database', async () => {
      await expect(opening(await elsewhere('/nowhere'))).rejects.toThrow('database "nowhere" does not exist');
    });

    test('[DB16] its encoding cannot hold every text', async () => {
      const name = `ascii_${randomUUID().replaceAll('-', '')}`;
      const client = new pg.Client(await elsewhere('/postgres'));
      await client.connect();
      await client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'`);
      try {
        await expect(opening(await elsewhere(`/${name}`))).rejects.toThrow(
          'its encoding is SQL_ASCII, and must be UTF8',
        );
      } finally {
        await client.query(`DROP DATABASE ${name}`);
        await client.end();
      }
    });

    test('[DB17] a server that may forget what it acknowledged is used with a warning', async () => {
      const store = await postgresStore();
      const first = await store.open();
      await first.pool.query(
        `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$`,
      );
      const log = listening();
      await store.open({ log });
      expect(log.warnings).toEqual([
        expect.stringContaining('acknowledges commits before they are on its disk'),
      ]);
    });

    test('[DB18] servers that start at once on an empty database migrate it once', async () => {
      const store = await postgresStore();
      const opened = await Promise.all([store.open(), store.open(), store.open()]);
      const all = readdirSync(migrationsFolder(), { withFileTypes: true }).filter((entry) =>
        entry.isDirectory(),
      );
      expect(opened.map(({ migrated }) => migrated.length).sort()).toEqual([0, 0, all.length]);
    });

    test('[DB19] servers that append to the same rooms in other orders never wait in a circle', async () => {
      const store = await postgresStore();
      const servers = [await store.open(), await store.open()];
      const rooms = Array.from({ length: 40 }, room);
      for (let seq = 1; seq <= 20; seq++) {
        const outcomes = await Promise.all(
          servers.map(({ pool }, i) => {
            const batches = rooms.map((name) => batchOf(name, seq));
            return append(pool, i === 0 ? batches : batches.reverse());
          }),
        );
        const committed = outcomes.flat().filter((outcome) => outcome === 'committed');
        expect(committed).toHaveLength(rooms.length);
      }
    });
  });
});
