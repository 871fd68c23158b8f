import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as Y from 'yjs';
import { postgresMissing, postgresStore, type Store } from '../support/databases.js';
import { annotate, comment, entry, updateOf, Visitor } from '../support/people.js';
import { redisMissing, startRedis, type RedisServer } from '../support/redis.js';
import { startServer, type RunningServer } from '../support/server.js';
import { severable, type Line } from '../support/severable.js';

const waiting = { timeout: 10_000 };

describe.skipIf(postgresMissing ?? redisMissing)('two servers of which something fails', () => {
  let redis: RedisServer;
  let line: Line;
  let url: string;
  let store: Store;
  let first: RunningServer;
  let second: RunningServer;
  let anna: Visitor;
  let ben: Visitor;

  const start = (redisUrl: string): Promise<RunningServer> =>
    startServer({
      DATA_DIR: store.location.dataDir,
      DATABASE_URL: store.location.databaseUrl ?? '',
      REDIS_URL: redisUrl,
    });

  beforeAll(async () => {
    redis = await startRedis();
    ({ line, url } = await severable(redis.url));
    store = await postgresStore();
    first = await start(redis.url);
    second = await start(url);
    anna = await Visitor.join(first, 'Anna');
    ben = await Visitor.join(first, 'Ben');
  }, 120_000);
  afterAll(async () => {
    await Promise.all([first.stop(), second.stop()]);
    line.close();
    await redis.stop();
  });

  /** What is written at one server after the line is mended brings what was missed before. */
  it.each(['cut', 'swallow'] as const)(
    '[CLUSTER5] while messages are lost (%s) each server goes on, and then the other has all of it',
    async (how) => {
      const room = await anna.layer();
      const [here, there] = [await anna.socketIo(room), await ben.at(second.url).socketIo(room)];
      const plain = await ben.at(second.url).yWebsocket(room);
      line[how]();
      const missed: string[] = [];
      for (let i = 0; i < 5; i++)
        expect(await here.change((doc) => missed.push(annotate(doc, anna.id)))).toMatchObject({ ok: true });
      // This server must catch up to write at all.
      let own = '';
      expect(await there.change((doc) => (own = annotate(doc, ben.id)))).toMatchObject({ ok: true });
      await vi.waitUntil(() => missed.every((id) => entry(there.doc, 'annotations', id)), waiting);
      const unseen: string[] = [];
      for (let i = 0; i < 5; i++) await here.change((doc) => unseen.push(annotate(doc, anna.id)));
      line.mend();
      // A server that lost its messenger looks at the log when it is back; swallowed messages are found by the next one.
      await vi.waitUntil(
        async () => {
          if (how === 'swallow') await here.change((doc) => annotate(doc, anna.id));
          return unseen.every(
            (id) => entry(there.doc, 'annotations', id) && entry(plain.doc, 'annotations', id),
          );
        },
        { timeout: 15_000, interval: 250 },
      );
      await vi.waitUntil(() => entry(here.doc, 'annotations', own), waiting);
      plain.destroy();
      for (const wire of [here, there]) wire.close();
    },
    40_000,
  );

  it('[CLUSTER6] equal writes at the same moment: one key on both servers, and one offline update by two sockets of one person', async () => {
    const room = await anna.layer();
    const [here, there] = [await anna.socketIo(room), await anna.at(second.url).socketIo(room)];
    const watcher = await ben.at(second.url).yWebsocket(room);
    const offline = new Y.Doc();
    Y.applyUpdate(offline, Y.encodeStateAsUpdate(here.doc));
    const threads: string[] = [];
    const update = updateOf(offline, (doc) => {
      for (let i = 0; i < 10; i++) threads.push(annotate(doc, anna.id));
      for (const thread of [...threads]) comment(doc, anna.id, thread, 'Written offline');
    });
    for (const wire of [here, there]) Y.applyUpdate(wire.doc, update);
    const both = await Promise.all([here.send(update), there.send(update)]);
    expect(both).toMatchObject([{ ok: true }, { ok: true }]);
    const [thread = ''] = threads;
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(
        [here, there].map((wire, i) =>
          wire.change((doc) =>
            doc.getMap('status').set(thread, { state: i ? 'open' : 'resolved', by: anna.id, at: Date.now() }),
          ),
        ),
      );
      expect(answers).toMatchObject([{ ok: true }, { ok: true }]);
    }
    const status = (doc: Y.Doc): string => JSON.stringify(doc.getMap('status').get(thread));
    await vi.waitUntil(
      () => status(here.doc) === status(there.doc) && status(watcher.doc) === status(here.doc),
      waiting,
    );
    const fresh = await ben.socketIo(room);
    expect(status(fresh.doc)).toBe(status(here.doc));
    expect([...fresh.doc.getMap('comments').values()].length).toBe(10);
    watcher.destroy();
    for (const wire of [here, there, fresh]) wire.close();
  }, 40_000);

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    '[CLUSTER7] the readers of a server that ends (%s) move to the other, and nothing is lost or doubled',
    async (signal) => {
      const room = await anna.layer();
      const going = await start(redis.url);
      const stays = await ben.socketIo(room);
      const before = stays.doc.getMap('annotations').size;
      const page = await anna.at(going.url).socketIo(room);
      const plain = await ben.at(going.url).yWebsocket(room);
      const [written, acknowledged]: [string[], string[]] = [[], []];
      page.doc.getMap('annotations').observe(({ transaction }) => {
        if (transaction.local) written.push(annotate(plain.doc, ben.id));
      });
      let ended: Promise<unknown> = Promise.resolve();
      for (;;) {
        let id = '';
        const update = updateOf(page.doc, (doc) => (id = annotate(doc, anna.id)));
        written.push(id);
        const sending = page.send(update).catch(() => null);
        if (acknowledged.length === 20) ended = going.stop(signal);
        const answer = await sending;
        if (answer?.ok !== true) break;
        acknowledged.push(id);
      }
      plain.destroy();
      await ended;
      // Over to the other, with all that they have.
      const moved = await anna.at(second.url).socketIo(room);
      for (const id of acknowledged) expect(entry(moved.doc, 'annotations', id)).toBeDefined();
      expect(await moved.send(Y.encodeStateAsUpdate(page.doc))).toMatchObject({ ok: true });
      const plainMoved = await ben.at(second.url).yWebsocket(room, plain.doc);
      await vi.waitUntil(() => stays.doc.getMap('annotations').size === before + written.length, waiting);
      await vi.waitUntil(() => plain.doc.getMap('annotations').size === before + written.length, waiting);
      for (const id of written) expect(entry(stays.doc, 'annotations', id), id).toBeDefined();
      plainMoved.destroy();
      for (const wire of [stays, moved, page]) wire.close();
    },
    60_000,
  );
});
