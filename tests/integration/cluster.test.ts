import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { postgresMissing, postgresStore, type Store } from '../support/databases.js';
import { annotate, comment, entry, Visitor, type Wire } from '../support/people.js';
import { redisMissing, startRedis, type RedisServer } from '../support/redis.js';
import { spawnServer, startServer, type RunningServer } from '../support/server.js';
import { once } from 'node:events';

const env = ({ location }: Store, more: Record<string, string> = {}): Record<string, string> => ({
  DATA_DIR: location.dataDir,
  DATABASE_URL: location.databaseUrl ?? '',
  ...more,
});

describe.skipIf(postgresMissing ?? redisMissing)('two servers, one database, Redis between them', () => {
  let redis: RedisServer;
  let servers: RunningServer[];
  let anna: Visitor;
  let ben: Visitor;
  const wires: Wire[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    const store = await postgresStore();
    const first = await startServer(env(store, { REDIS_URL: redis.url }));
    servers = [first, await startServer(env(store, { REDIS_URL: redis.url }))];
    anna = await Visitor.join(first, 'Anna');
    ben = (await Visitor.join(first, 'Ben')).at(servers[1]?.url ?? '');
  }, 120_000);
  afterAll(async () => {
    for (const wire of wires) wire.close();
    for (const server of servers) await server.stop();
    await redis.stop();
  });

  const both = async (): Promise<[Wire, Wire]> => {
    const room = await anna.layer();
    const pair: [Wire, Wire] = [await anna.socketIo(room), await ben.socketIo(room)];
    wires.push(...pair);
    return pair;
  };

  it('[CLUSTER1] what is written on one server shows at once on the other, both ways', async () => {
    const [here, there] = await both();
    let thread = '';
    expect(await here.change((doc) => (thread = annotate(doc, anna.id)))).toMatchObject({ ok: true });
    await vi.waitUntil(() => entry(there.doc, 'annotations', thread));
    let words = '';
    expect(
      await there.change((doc) => (words = comment(doc, ben.id, thread, 'From the other'))),
    ).toMatchObject({ ok: true });
    await vi.waitUntil(() => entry(here.doc, 'comments', words));
  });

  it('[CLUSTER2] writes at the same moment on both are all stored, each with a seq of its own', async () => {
    const [here, there] = await both();
    const seqs = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const [wire, person] = i % 2 ? [here, anna] : [there, ben];
        const answer = await wire.change((doc) => annotate(doc, person.id));
        if (!answer.ok) throw new Error(answer.message);
        return answer.seq;
      }),
    );
    expect(new Set(seqs).size).toBeGreaterThan(1);
    const size = (): number => Math.min(...[here, there].map(({ doc }) => doc.getMap('annotations').size));
    await vi.waitUntil(() => size() === 21);
  });

  it('[CLUSTER4] a right that ends on one server closes the rooms on the other', async () => {
    const [, there] = await both();
    const told = new Promise((resolve) => there.socket.once('room:closed', resolve));
    const gone = await anna.fetch(`/api/groups/${anna.group.id}/members/${ben.id}`, { method: 'DELETE' });
    expect(gone.status).toBe(204);
    expect(await told).toMatchObject({ code: 'no-room' });
  });

  it('[CLUSTER3] a third server without REDIS_URL is refused in one clear line', async () => {
    const store = await postgresStore();
    const first = await startServer(env(store));
    const child = spawnServer(env(store));
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, text }).toEqual({
      code: 1,
      text: expect.stringMatching(/in use by another server.*REDIS_URL/) as string,
    });
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    await first.stop();
  }, 60_000);
});
