import { once } from 'node:events';
import { createServer } from 'node:net';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { embeddedStore, temporaryFolder } from '../support/databases.js';
import { Visitor } from '../support/people.js';
import { spawnServer, startServer } from '../support/server.js';

/** A folder with a database that nobody has used. */
const unused = async (): Promise<string> => (await embeddedStore()).location.dataDir;

/** What is said where others may come before the host. */
const warning = /whoever opens the join link first becomes the owner/;

/** Starts a server that cannot start: its exit code and what it says on stderr. */
async function failing(env: Record<string, string>): Promise<{ code: number | null; lines: string[] }> {
  const child = spawnServer(env);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: stderr.trim().split('\n') };
}

describe('starting and stopping', () => {
  it('[START1] prints the two lines, serves the page, and ends with 0 on SIGTERM within 5 s', async () => {
    const server = await startServer({ DATA_DIR: await unused() });
    expect(server.url).toMatch(/^http:\/\/localhost:\d+$/);
    expect(server.joinUrl).toMatch(/\/join\/[\w-]{22,}$/);
    expect(server.output()).not.toMatch(warning);
    expect((await fetch(server.url)).headers.get('content-type')).toMatch('text/html');
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    const started = performance.now();
    expect(await server.stop('SIGTERM')).toBe(0);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('[JOIN1, B9] says that the first to come owns it, where others may come first', async () => {
    const env = { DATA_DIR: await unused(), HOST: '0.0.0.0' };
    const first = await startServer(env);
    expect(first.output()).toMatch(warning);
    await Visitor.join(first, 'Anna');
    await first.stop();
    const second = await startServer(env);
    expect(second.output()).not.toMatch(warning);
    await second.stop();
  });

  it('[START2] SIGINT ends it with 0 too, with people in rooms', async () => {
    const server = await startServer({ DATA_DIR: await unused() });
    const anna = await Visitor.join(server, 'Anna');
    const wire = await anna.socketIo(await anna.layer());
    const plain = await anna.yWebsocket(await anna.layer());
    expect(await server.stop('SIGINT')).toBe(0);
    wire.close();
    plain.destroy();
  });

  it('[START3] the join link is the same after a restart, and people are still signed in', async () => {
    const path = await unused();
    const first = await startServer({ DATA_DIR: path });
    const anna = await Visitor.join(first, 'Anna');
    await first.stop();
    const second = await startServer({ DATA_DIR: path });
    expect(second.code).toBe(first.code);
    expect(await anna.at(second.url).get('/api/me')).toMatchObject({
      user: { name: 'Anna' },
      groups: [{ role: 'owner' }],
    });
    await second.stop();
  });

  it('[START4] a second server on the same folder is refused in one clear line, and the first goes on', async () => {
    const path = await unused();
    const first = await startServer({ DATA_DIR: path });
    const second = await failing({ DATA_DIR: path });
    expect(second.code).toBe(1);
    expect(second.lines).toHaveLength(1);
    expect(second.lines[0]).toMatch(/in use by another server/);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    await first.stop();
  });

  it('[START5] a taken port is one clear line and exit code 1', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const { code, lines } = await failing({ DATA_DIR: temporaryFolder(), PORT: String(port) });
    taken.close();
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringContaining(`port ${port}`) as string] });
  });

  it.each([
    ['PORT', 'eighty', /^PORT: /],
    ['LOG_LEVEL', 'loud', /^LOG_LEVEL: /],
    ['PUBLIC_URL', 'example.org', /^PUBLIC_URL: /],
    ['ESSAY', '/nowhere/essay.txt', /ESSAY/],
    ['DATABASE_URL', 'postgresql://nobody@127.0.0.1:1/none', /127\.0\.0\.1:1|DATABASE_URL/],
  ])('[START6] a bad %s is one clear line and exit code 1, nothing half done', async (name, value, line) => {
    const { code, lines } = await failing({ DATA_DIR: join(temporaryFolder(), 'data'), [name]: value });
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(line);
  });

  it('[START7] an essay that is not text is refused before anything is stored, and a good one is taken afterwards', async () => {
    const path = await unused();
    const essay = join(temporaryFolder(), 'essay.txt');
    writeFileSync(essay, new Uint8Array([0xff, 0xfe, 0x00, 0xd8, 0x00, 0x00]));
    expect((await failing({ DATA_DIR: path, ESSAY: essay })).code).toBe(1);
    writeFileSync(essay, 'On margins\n\nA short text for two readers.\n');
    chmodSync(essay, 0o644);
    const server = await startServer({ DATA_DIR: path, ESSAY: essay });
    const anna = await Visitor.join(server, 'Anna');
    expect(await anna.document()).toMatchObject({ title: 'On margins', language: 'en' });
    await server.stop();
  });
});
