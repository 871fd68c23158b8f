import { describe, expect, it, vi } from 'vitest';
import { embeddedStore, postgresMissing, postgresStore } from '../support/databases.js';
import { annotate, entry, Visitor, type Wire } from '../support/people.js';
import { startServer, spawnServer, type RunningServer } from '../support/server.js';
import { severable } from '../support/severable.js';
import { once } from 'node:events';

const ready = async (server: RunningServer): Promise<number> => (await fetch(`${server.url}/readyz`)).status;

/** Writes one after the other until told to stop; what was acknowledged, in order, with its seq. */
async function writeOn(
  wire: Wire,
  author: string,
  going: () => boolean,
): Promise<{ id: string; seq: number }[]> {
  const stored: { id: string; seq: number }[] = [];
  while (going()) {
    let id = '';
    const answer = await wire.change((doc) => (id = annotate(doc, author)));
    if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
    stored.push({ id, seq: answer.seq });
  }
  return stored;
}

describe.skipIf(postgresMissing)('PostgreSQL is stopped and started while people write', () => {
  it('[FAULT3] nothing acknowledged is lost, nobody sees what is not stored, /readyz is 503 and back, the order is kept', async () => {
    const { location } = await postgresStore();
    const { line, url } = await severable(location.databaseUrl ?? '');
    const server = await startServer({ DATA_DIR: location.dataDir, DATABASE_URL: url });
    const [anna, ben, chen] = await Promise.all(
      ['Anna', 'Ben', 'Chen'].map((name) => Visitor.join(server, name)),
    );
    if (!anna || !ben || !chen) throw new Error('somebody is missing');
    const room = await anna.layer();
    const [page, watcher] = [await anna.socketIo(room), await chen.socketIo(room)];
    const plain = await ben.yWebsocket(room);
    const plainWrote: string[] = [];
    let away = false;
    const seenWhileAway: string[] = [];
    watcher.doc.getMap('annotations').observe(({ keysChanged }) => {
      // What was on its way when it went away was committed before.
      if (away) for (const key of keysChanged) seenWhileAway.push(key as string);
    });
    let going = true;
    let written = 0;
    page.doc.getMap('annotations').observe(({ transaction }) => {
      if (!transaction.local) return;
      written++;
      plainWrote.push(annotate(plain.doc, ben.id));
    });
    const writing = writeOn(page, anna.id, () => going);
    for (let round = 1; round <= 2; round++) {
      const before = written;
      await vi.waitUntil(() => written >= before + 20, { timeout: 10_000 });
      line.cut();
      expect(await ready(server)).toBe(503);
      away = true;
      const offline = annotate(plain.doc, ben.id);
      plainWrote.push(offline);
      // A read is answered from what is stored, and without what waits.
      expect(entry(watcher.doc, 'annotations', offline)).toBeUndefined();
      await vi.waitUntil(async () => (await ready(server)) === 503);
      expect(seenWhileAway).toEqual([]);
      away = false;
      line.mend();
      await vi.waitUntil(async () => (await ready(server)) === 200, { timeout: 10_000 });
      await vi.waitUntil(() => entry(watcher.doc, 'annotations', offline), { timeout: 20_000 });
    }
    going = false;
    const stored = await writing;
    const order = stored.map(({ seq }) => seq);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    const all = [...stored.map(({ id }) => id), ...plainWrote].sort();
    await vi.waitUntil(() => watcher.doc.getMap('annotations').size === all.length, { timeout: 10_000 });
    expect([...watcher.doc.getMap('annotations').keys()].sort()).toEqual(all);
    const list = `/api/layers/${room.slice('layer:'.length)}/annotations/`;
    expect((await anna.get<{ total: number }>(list)).total).toBe(all.length);
    // Frames came in the order of the commits.
    const frames = watcher.frames.map(({ seq }) => seq);
    expect(frames).toEqual([...frames].sort((a, b) => a - b));
    plain.destroy();
    for (const wire of [page, watcher]) wire.close();
    expect(await server.stop()).toBe(0);
    line.close();
  }, 90_000);

  it('[FAULT4] who comes to a room while it is away is told to come again, and the server goes on', async () => {
    const { location } = await postgresStore();
    const { line, url } = await severable(location.databaseUrl ?? '');
    const server = await startServer({ DATA_DIR: location.dataDir, DATABASE_URL: url });
    const anna = await Visitor.join(server, 'Anna');
    const room = await anna.layer();
    line.cut();
    const state = await anna.fetch(`/api/rooms/${room}/state`);
    expect(state.status).toBe(503);
    await expect(anna.socketIo(room)).rejects.toThrow();
    line.mend();
    await vi.waitUntil(async () => (await ready(server)) === 200, { timeout: 10_000 });
    const wire = await anna.socketIo(room);
    expect(await wire.change((doc) => annotate(doc, anna.id))).toMatchObject({ ok: true });
    wire.close();
    expect(await server.stop()).toBe(0);
    line.close();
  }, 60_000);
});

describe('a database that is newer than the server', () => {
  it('[FAULT5] is one clear line and exit code 1', async () => {
    const store = await embeddedStore();
    const database = await store.open();
    await database.pool
      .query(`INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
      VALUES ('x', 'x', '29990101000000_later', now(), now(), 1)`);
    await database.close();
    const child = spawnServer({ DATA_DIR: store.location.dataDir });
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, text }).toEqual({
      code: 1,
      text: expect.stringMatching(/^[^\n]*newer[^\n]*\n$/) as string,
    });
  }, 60_000);
});
