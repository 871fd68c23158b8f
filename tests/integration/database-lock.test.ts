import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { lockFolder } from '../../server/database/folder-lock.js';
import { temporaryFolder } from '../support/databases.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A hundredth of the real pace. */
const pace = { beat: 40, stale: 400 };
const nobodyTakesIt = (error: Error) => {
  throw error;
};
const lock = (folder: string, place?: string, onLost: (error: Error) => void = nobodyTakesIt) =>
  lockFolder(folder, { onLost, ...pace, ...(place !== undefined && { place }) });

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** Another process that locks the folder and stays. */
async function holder(folder: string): Promise<ChildProcess> {
  const code = `
    import { lockFolder } from './dist/server/database/folder-lock.js';
    await lockFolder(process.argv[1], { onLost: () => process.exit(1) });
    process.stdout.write('locked');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, folder], {
    cwd: root,
    stdio: 'pipe',
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

test('[DB1] a second server on the same folder is refused, and told what to do', async () => {
  const folder = temporaryFolder();
  await holder(folder);
  await expect(lock(folder)).rejects.toThrow(/is in use by another server.*DATA_DIR/);
});

test('[DB1] the same in one process, and free again after it is given up, with nothing left behind', async () => {
  const folder = temporaryFolder();
  const unlock = await lock(folder);
  await expect(lock(folder)).rejects.toThrow(/is in use/);
  await unlock();
  expect(readdirSync(folder)).toEqual([]);
  await (
    await lock(folder)
  )();
});

test('[DB2] after kill -9 the next server on the machine has the folder at once', async () => {
  const folder = temporaryFolder();
  const child = await holder(folder);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(existsSync(join(folder, 'server.json'))).toBe(true);
  const started = performance.now();
  // With the real pace: watching would take 10 seconds.
  const unlock = await lockFolder(folder, { onLost: nobodyTakesIt });
  expect(performance.now() - started).toBeLessThan(5000);
  await unlock();
});

test('[DB3] a living server in another container or on another machine is noticed by its heartbeat', async () => {
  const folder = temporaryFolder();
  const unlock = await lock(folder, 'container one');
  await expect(lock(folder, 'container two')).rejects.toThrow(
    /is in use by another server \(.+, process \d+\)/,
  );
  await unlock();
  await (
    await lock(folder, 'container two')
  )();
});

test('[DB3] a clock that is hours behind does not make a living server look dead', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'server.json');
  let beats = 0;
  const beat = () => {
    const time = new Date(Date.now() - 5 * 60 * 60 * 1000 + 10 * beats++).toISOString();
    writeFileSync(
      file,
      JSON.stringify({ id: 'theirs', place: 'elsewhere', host: 'elsewhere', pid: 1, time }),
    );
  };
  beat();
  const timer = setInterval(beat, pace.beat);
  try {
    await expect(lock(folder)).rejects.toThrow('elsewhere, process 1');
  } finally {
    clearInterval(timer);
  }
});

test.each([
  ['was just there', 0],
  ['is long gone', 60_000],
])('[DB4] the folder of another machine whose server %s and stands still is taken over', async (_, age) => {
  const folder = temporaryFolder();
  const time = new Date(Date.now() - age).toISOString();
  const heartbeat = { id: 'theirs', place: 'elsewhere', host: 'elsewhere', pid: 1, time };
  writeFileSync(join(folder, 'server.json'), JSON.stringify(heartbeat));
  const started = performance.now();
  const unlock = await lock(folder);
  expect(performance.now() - started).toBeGreaterThan(age === 0 ? pace.stale : pace.beat);
  await unlock();
});

test('[DB4] of several that take over at once exactly one has the folder', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'server.json'), '');
  const places = ['one', 'two', 'three'];
  const attempts = await Promise.allSettled(places.map((place) => lock(folder, place)));
  const unlocks = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  expect(unlocks).toHaveLength(1);
  await unlocks[0]?.();
});

test('[DB5] a server whose folder was taken (it was asleep) learns it once, and leaves the other its sign', async () => {
  const folder = temporaryFolder();
  const lost: string[] = [];
  let tell: () => void = () => undefined;
  const told = new Promise<void>((resolve) => (tell = resolve));
  const unlock = await lock(folder, undefined, (error) => {
    lost.push(error.message);
    tell();
  });
  const theirs = JSON.stringify({
    id: 'theirs',
    place: 'elsewhere',
    host: 'elsewhere',
    pid: 1,
    time: '2026-01-01T00:00:00Z',
  });
  writeFileSync(join(folder, 'server.json'), theirs);
  await told;
  await unlock();
  expect(lost).toEqual([expect.stringMatching(/elsewhere, process 1.*took the data folder/)]);
  expect(readFileSync(join(folder, 'server.json'), 'utf8')).toBe(theirs);
});

test('[DB6] a folder that cannot be used is named in one sentence', async () => {
  const file = join(temporaryFolder(), 'a-file');
  writeFileSync(file, '');
  await expect(lock(file)).rejects.toThrow(`The data folder ${file} cannot be used: `);
  await expect(lock(join(file, 'inside'))).rejects.toThrow(/cannot be used: ENOTDIR/);
});
