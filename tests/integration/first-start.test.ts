import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RoomRights } from '../../server/access/rights.js';
import type { Database } from '../../server/database/open.js';
import { createRoomLog } from '../../server/database/room-log.js';
import { prepareInstance } from '../../server/documents/first-start.js';
import { CommitQueue } from '../../server/rooms/commit-queue.js';
import { openDoor } from '../../server/rooms/open-door.js';
import { Rooms } from '../../server/rooms/registry.js';
import { embeddedStore, postgresMissing, postgresStore, temporaryFolder } from '../support/databases.js';
import { Asker, startHttp } from '../support/http.js';

function doorOf(database: Database) {
  const log = createRoomLog(database);
  const report = (problem: string) => {
    throw new Error(problem);
  };
  const rights = new RoomRights(database.prisma);
  return openDoor(
    new Rooms({ log, queue: new CommitQueue(log, 1), access: rights, clock: Date, shared: true, report }),
  );
}
const start = (database: Database, essay?: string) =>
  prepareInstance({ prisma: database.prisma, door: doorOf(database), essay, now: Date.now() });

const essayFile = (text: string): string => {
  const path = join(temporaryFolder(), 'essay.txt');
  writeFileSync(path, text);
  return path;
};

describe('the first start', () => {
  test('[DOC20] makes one of each, and a second start makes nothing and reads no file', async () => {
    const database = await (await embeddedStore()).open();
    const first = await start(database, essayFile('夜里下了一场雨,天亮的时候街上已经干了,没有人记得。'));
    expect(first).toMatchObject({ ok: true, value: { isNew: true } });
    const { prisma } = database;
    expect(await prisma.group.findMany()).toMatchObject([{ name: '读书会', founderId: null }]);
    expect(await prisma.invitation.findMany()).toMatchObject([{ role: 'reader', uses: 0, maxUses: null }]);
    expect(await prisma.layer.findMany()).toMatchObject([{ kind: 'shared', ownerId: null }]);
    expect(await prisma.document.findMany()).toMatchObject([{ language: 'zh' }]);
    const second = await start(database, '/no/such/file.txt');
    expect(second).toEqual({ ok: true, value: { id: first.ok ? first.value.id : '', isNew: false } });
    expect(await prisma.document.count()).toBe(1);
  });

  test('[DOC21] with an essay that cannot be read it makes nothing, and says why', async () => {
    const database = await (await embeddedStore()).open();
    const failed = await start(database, essayFile(' \n'));
    expect(failed).toMatchObject({
      ok: false,
      error: /is empty\.$/.exec(failed.ok ? '' : failed.error)?.input ?? '',
    });
    expect(await database.prisma.instance.count()).toBe(0);
    expect(await database.prisma.room.count()).toBe(0);
    expect(await start(database)).toMatchObject({ ok: true, value: { isNew: true } });
  });
});

describe.skipIf(postgresMissing !== null)(`several servers on PostgreSQL ${postgresMissing ?? ''}`, () => {
  test('[DOC22] that start at once on an empty database are one installation', async () => {
    const store = await postgresStore();
    const databases = [await store.open(), await store.open(), await store.open()];
    const all = await Promise.all(databases.map((database) => start(database)));
    const ids = all.map((one) => (one.ok ? one.value.id : one.error));
    expect(new Set(ids).size).toBe(1);
    expect(all.filter((one) => one.ok && one.value.isNew)).toHaveLength(1);
    expect(await databases[0]?.prisma.group.count()).toBe(1);
    expect(await databases[0]?.prisma.document.count()).toBe(2);
  });
});

test('[JOIN15] what has expired is taken out of the database, and nothing else', async () => {
  const server = await startHttp({ essay: 'One line is enough.' });
  const anna = await Asker.join(server, 'Anna');
  await anna.ask('/api/me/links', { method: 'POST' });
  await anna.ask(`/api/rooms/self:${anna.id}/token`, { method: 'POST' });
  const counts = async () => [
    await server.prisma.session.count(),
    await server.prisma.signInLink.count(),
    await server.prisma.roomToken.count(),
  ];
  await server.access.sweep();
  expect(await counts()).toEqual([1, 1, 1]);
  server.ahead = 13 * 60 * 60 * 1000;
  await server.access.sweep();
  expect(await counts()).toEqual([1, 0, 0]);
});
