import { afterAll, beforeAll, expect, it } from 'vitest';
import { annotate, Visitor } from '../support/people.js';
import { embeddedStore } from '../support/databases.js';
import { startServer, type RunningServer } from '../support/server.js';

let server: RunningServer;
beforeAll(async () => {
  const { location } = await embeddedStore();
  server = await startServer({ DATA_DIR: location.dataDir });
});
afterAll(() => server.stop());

/** The value of every sample, by its name with its labels. */
async function metrics(): Promise<Map<string, number>> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

it('[METRIC1] what is taken, refused, committed, relayed and who is there is counted, and no word of it stands there', async () => {
  const anna = await Visitor.join(server, 'Anna Metrica');
  const ben = await Visitor.join(server, 'Ben');
  const room = await anna.layer();
  const writer = await anna.socketIo(room);
  const reader = await ben.yWebsocket(room);
  const before = await metrics();
  expect(await writer.change((doc) => annotate(doc, anna.id, { tags: ['secret tag'] }))).toMatchObject({
    ok: true,
  });
  expect(await writer.change((doc) => annotate(doc, ben.id))).toMatchObject({ ok: false, code: 'author' });

  const now = await metrics();
  const more = (name: string): number => (now.get(name) ?? 0) - (before.get(name) ?? 0);
  // The other reader's own greeting may be counted as well.
  expect(more('marginalia_updates_total{outcome="taken"}')).toBeGreaterThanOrEqual(1);
  expect(more('marginalia_updates_total{outcome="author"}')).toBe(1);
  expect(more('marginalia_commit_seconds_count')).toBe(1);
  expect(more('marginalia_relayed_bytes_total')).toBeGreaterThan(100);
  expect(now.get('marginalia_readers')).toBe(2);
  expect(now.get('marginalia_rooms_loaded')).toBeGreaterThanOrEqual(1);
  expect(now.get('marginalia_queue_depth')).toBe(0);
  expect(now.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  const text = await (await fetch(`${server.url}/metrics`)).text();
  expect(text).not.toMatch(/Anna|Metrica|secret|layer:/);
  reader.destroy();
  writer.close();
});
