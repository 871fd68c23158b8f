import { fsyncSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { openDurable } from '../../server/database/durable-pglite.js';
import { embeddedStore } from '../support/databases.js';

vi.mock(import('node:fs'), { spy: true });

/** Here in this process, because the calls of a worker thread cannot be watched. */
async function opened(onDeath: (error: Error) => void) {
  const { location } = await embeddedStore();
  const { database } = await openDurable(join(location.dataDir, 'database'), onDeath);
  await database.query('CREATE TABLE notes (body text)');
  const insert = () => database.query('INSERT INTO notes VALUES ($1)', ['kept']);
  return { database, insert };
}

afterEach(() => void vi.mocked(fsyncSync).mockRestore());

test('[DB11] a commit asks the disk itself to keep the write-ahead log before it is acknowledged', async () => {
  const { database, insert } = await opened((error) => expect.fail(error.message));
  const asked: string[] = [];
  const linux = process.platform === 'linux';
  vi.mocked(fsyncSync).mockImplementation((descriptor) => {
    asked.push(linux ? readlinkSync(`/proc/self/fd/${descriptor}`) : 'pg_wal');
  });
  for (let i = 1; i <= 5; i++) {
    await insert();
    expect(asked).toHaveLength(i);
  }
  expect(asked.every((path) => path.includes('pg_wal'))).toBe(true);
  await database.query('SELECT * FROM notes');
  expect(asked).toHaveLength(5);
  await database.close();
});

test('[DB20] a commit that the disk does not keep is not acknowledged, and the database is dead', async () => {
  const onDeath = vi.fn<(error: Error) => void>();
  const { database, insert } = await opened(onDeath);
  await expect(database.query('SELECT 1 / 0')).rejects.toThrow('division by zero');
  expect(onDeath).not.toHaveBeenCalled();
  vi.mocked(fsyncSync).mockImplementation(() => {
    throw Object.assign(new Error('the disk is broken'), { code: 'EIO' });
  });
  await expect(insert()).rejects.toThrow();
  expect(onDeath.mock.calls[0]?.[0].message).toMatch(/^PANIC: .*could not fsync file/);
});
