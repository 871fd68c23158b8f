import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  embeddedStore,
  postgresMissing,
  postgresStore,
  temporaryFolder,
  type Store,
} from '../support/databases.js';
import { annotate, entry, updateOf, Visitor, type Wire } from '../support/people.js';
import { startServer } from '../support/server.js';

const steps = ['judging', 'committing', 'committed', 'acknowledging', 'relaying'] as const;
const preload = fileURLToPath(new URL('../support/killed-at.mjs', import.meta.url));

/** Writes one thing after the other until the connection is gone; answers what it wrote and what was acknowledged. */
async function writeOn(wire: Wire, author: string, acknowledged: Set<string>): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    let id = '';
    const update = updateOf(wire.doc, (doc) => (id = annotate(doc, author)));
    ids.push(id);
    // Rejects when the connection ends first.
    const answer = await wire.send(update).catch(() => null);
    if (answer === null) return ids;
    if (answer.ok) acknowledged.add(id);
  }
}

async function dieAt(step: (typeof steps)[number], { location }: Store): Promise<void> {
  const armed = join(temporaryFolder(), 'armed');
  const env = {
    DATA_DIR: location.dataDir,
    ...(location.databaseUrl !== undefined && { DATABASE_URL: location.databaseUrl }),
  };
  const server = await startServer({
    ...env,
    NODE_OPTIONS: `--import ${preload}`,
    KILL_AT: step,
    KILL_ARMED: armed,
    KILL_AFTER: '5',
  });
  const [anna, ben, chen] = await Promise.all(
    ['Anna', 'Ben', 'Chen'].map((name) => Visitor.join(server, name)),
  );
  if (!anna || !ben || !chen) throw new Error('somebody is missing');
  const room = await anna.layer();
  const [page, watcher] = [await anna.socketIo(room), await chen.socketIo(room)];
  const plain = await ben.yWebsocket(room);
  const [acknowledged, seen] = [new Set<string>(), new Set<string>()];
  watcher.doc.getMap('annotations').observe(({ keysChanged }) => {
    for (const key of keysChanged) seen.add(key as string);
  });
  const written: string[] = [];
  // The plain client writes whenever it sees that anybody else did.
  page.doc.getMap('annotations').observe(({ transaction }) => {
    if (transaction.local && plain.wsconnected) written.push(annotate(plain.doc, ben.id));
  });
  const died = once(server.process, 'exit');
  writeFileSync(armed, '');
  written.push(...(await writeOn(page, anna.id, acknowledged)));
  await died;
  plain.destroy();
  watcher.close();

  const next = await startServer(env);
  const reader = await chen.at(next.url).socketIo(room);
  for (const id of [...acknowledged, ...seen]) expect(entry(reader.doc, 'annotations', id), id).toBeDefined();
  // The rest comes again from who wrote it.
  const again = await anna.at(next.url).socketIo(room);
  expect(await again.send(Y.encodeStateAsUpdate(page.doc))).toMatchObject({ ok: true });
  const plainAgain = await ben.at(next.url).yWebsocket(room, plain.doc);
  const last = annotate(plain.doc, ben.id);
  await new Promise<void>((resolve) => {
    const look = (): void => void (entry(reader.doc, 'annotations', last) && resolve());
    reader.doc.on('update', look);
    look();
  });
  expect([...reader.doc.getMap('annotations').keys()].sort()).toEqual([...written, last].sort());
  const list = `/api/layers/${room.slice('layer:'.length)}/annotations/`;
  expect((await anna.at(next.url).get<{ total: number }>(list)).total).toBe(written.length + 1);
  plainAgain.destroy();
  for (const wire of [again, reader]) wire.close();
  expect(await next.stop()).toBe(0);
}

describe('a server that is killed at a step of the path of a comment', () => {
  it.each(steps)(
    '[FAULT1] embedded, %s: what was acknowledged or seen is there once, and the rest comes again',
    async (step) => {
      await dieAt(step, await embeddedStore());
    },
    60_000,
  );

  it.skipIf(postgresMissing).each(steps)(
    '[FAULT2] PostgreSQL, %s: what was acknowledged or seen is there once, and the rest comes again',
    async (step) => {
      await dieAt(step, await postgresStore());
    },
    60_000,
  );
});
