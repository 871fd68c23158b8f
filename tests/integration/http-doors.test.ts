import { request } from 'node:http';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { Asker, startHttp, type HttpServer, someText } from '../support/http.js';

let server: HttpServer;
let anna: Asker;
beforeAll(async () => {
  server = await startHttp({ essay: 'One line is enough to be read together by everyone.' });
  anna = await Asker.join(server, 'Anna');
});

/** fetch writes `Host` itself, so this goes by hand. */
const withHost = (path: string, host: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: server.port, path, headers: { ...headers, host } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asked.on('error', reject);
    asked.end();
  });

describe('hosts', () => {
  test.each(['localhost', '127.0.0.1', '[::1]'])('[HTTP1, S1] %s on the real port is ours', async (host) => {
    expect((await withHost('/', `${host}:${server.port}`)).status).toBe(200);
  });

  test.each(['evil.example', 'localhost:1', 'localhost', '192.0.2.7'])(
    '[HTTP2, S1] the host %j gets 421 and the right address',
    async (host) => {
      const page = await withHost('/', host, { accept: 'text/html' });
      expect(page.status).toBe(421);
      expect(page.text).toContain(`http://localhost:${server.port}`);
      const problem = await withHost('/api/me', host, { accept: 'application/json' });
      expect(problem.status).toBe(421);
      expect(JSON.parse(problem.text)).toMatchObject({ status: 421, code: 'other-host' });
    },
  );

  test('[HTTP3] machines that watch the server may call it what they like', async () => {
    expect((await withHost('/healthz', 'marginalia:3000')).status).toBe(200);
    expect((await withHost('/readyz', 'marginalia:3000')).status).toBe(200);
    expect((await withHost('/metrics', 'marginalia:3000')).text).toMatch(
      /^process_resident_memory_bytes \d+$/m,
    );
  });

  test('[HTTP4] with PUBLIC_URL only its host is ours, IRIs begin with it, and the cookie is for https', async () => {
    const own = await startHttp({ essay: 'One line is enough.', publicUrl: 'https://read.example.org' });
    const asker = new Asker({ url: `http://127.0.0.1:${own.port}` });
    expect((await asker.ask('/')).status).toBe(421);
    const answer = await new Promise<{ cookie: string; status: number }>((resolve, reject) => {
      const headers = {
        host: 'read.example.org',
        origin: 'https://read.example.org',
        'content-type': 'application/json',
      };
      const asked = request(
        { host: '127.0.0.1', port: own.port, method: 'POST', path: `/api/join/${own.code}`, headers },
        (response) => {
          response.resume();
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, cookie: response.headers['set-cookie']?.[0] ?? '' }),
          );
        },
      );
      asked.on('error', reject);
      asked.end(JSON.stringify({ name: 'Anna' }));
    });
    expect(answer.status).toBe(201);
    expect(answer.cookie).toMatch(/^__Host-marginalia_[0-9a-f]{8}=/);
    expect(answer.cookie).toMatch(/; Secure/);
    expect(answer.cookie).toMatch(/; Path=\//);
  });
});

describe('origins', () => {
  const change = (headers: Record<string, string>, asker = anna) =>
    asker.ask('/api/tokens', { method: 'POST', json: { name: 'a script' }, headers });

  test.each([
    ['another page', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['another port of this host', { origin: 'http://localhost:1', 'sec-fetch-site': 'same-site' }],
    ['a page without an origin', { origin: 'null' }],
    ['another scheme', { origin: 'https://localhost' }],
    ['a page that says only where it is', { origin: '', 'sec-fetch-site': 'cross-site' }],
    ['our origin from another site', { 'sec-fetch-site': 'cross-site' }],
  ])('[HTTP5] %s may not change anything', async (_who, headers) => {
    const answer = await change(headers);
    expect(answer.status).toBe(403);
    expect(answer.json).toMatchObject({ code: 'other-origin' });
  });

  test('[HTTP6, S2] nobody is made to join by another page, with a cookie or without', async () => {
    const stranger = new Asker(server);
    const headers = { origin: 'https://evil.example' };
    for (const asker of [stranger, anna]) {
      const answer = await asker.ask(`/api/join/${server.code}`, {
        method: 'POST',
        json: { name: 'Eve' },
        headers,
      });
      expect(answer.status).toBe(403);
    }
    expect(await server.prisma.membership.count({ where: { name: 'Eve' } })).toBe(0);
  });

  test.each([
    ['no browser', { origin: '', 'sec-fetch-site': '' }],
    ['one of the names of this server', { origin: '127.0.0.1', 'sec-fetch-site': 'cross-site' }],
  ])('[HTTP7] %s may, for who has no other page cannot be tricked by one', async (_who, given) => {
    const origin = given.origin === '' ? '' : `http://${given.origin}:${server.port}`;
    const headers: Record<string, string> = { origin, 'sec-fetch-site': given['sec-fetch-site'] };
    const raw = await fetch(`${server.url}/api/tokens`, {
      method: 'POST',
      headers: Object.fromEntries(
        Object.entries({ ...headers, cookie: anna.cookie, 'content-type': 'application/json' }).filter(
          ([, v]) => v !== '',
        ),
      ),
      body: JSON.stringify({ name: 'a script' }),
    });
    expect(raw.status).toBe(201);
  });

  test('[HTTP8, S2] with a Bearer token the origin does not matter, and the cookie does not count', async () => {
    const script = await anna.script();
    const ben = await Asker.join(server, 'Ben');
    const headers = {
      origin: 'https://elsewhere.example',
      'sec-fetch-site': 'cross-site',
      cookie: ben.cookie,
    };
    expect((await change(headers, script)).status).toBe(201);
    const me = await script.ask('/api/me', { headers });
    expect(me.json.user.name).toBe('Anna');
    expect(me.headers.get('access-control-allow-origin')).toBe('*');
    expect(me.headers.has('access-control-allow-credentials')).toBe(false);
  });

  test.each(['Bearer nonsense', 'Bearer', 'bearer mgn_AAAA'])(
    '[HTTP9] %j is nobody, whatever the cookie says',
    async (authorization) => {
      const answer = await anna.ask('/api/me', { headers: { authorization } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      const joining = await anna.ask(`/api/join/${server.code}`, {
        method: 'POST',
        json: { name: 'Robot' },
        headers: { authorization },
      });
      expect(joining.status).toBe(401);
    },
  );
});

describe('requests as they should not be', () => {
  test('[HTTP10] an unknown address of the API is a problem with 404, a known one with another method 405', async () => {
    const unknown = await anna.ask('/api/nothing');
    expect(unknown.status).toBe(404);
    expect(unknown.json).toMatchObject({ type: 'about:blank', title: 'Not Found', status: 404 });
    const method = await anna.ask('/api/me', { method: 'DELETE' });
    expect(method.status).toBe(405);
    expect(method.headers.get('allow')).toBe('GET, HEAD, OPTIONS, PATCH');
    expect(method.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  test.each([
    ['text/plain', '{"name":"x"}', 415],
    ['application/x-www-form-urlencoded', 'name=x', 415],
    ['multipart/form-data; boundary=x', '--x--', 415],
    ['application/json', '{"name":', 400],
    ['application/json; charset=latin1', '{"name":"x"}', 415],
    ['application/json', '"x"', 400],
    ['application/json', '{"name":7}', 400],
    ['application/json', `{"name":"${'x'.repeat(1024 * 1024)}"}`, 413],
  ])('[HTTP11] a body of %s like %.20s is refused', async (type, body, status) => {
    const answer = await anna.ask('/api/tokens', { method: 'POST', body, headers: { 'content-type': type } });
    expect(answer.status).toBe(status);
    expect(answer.json.status).toBe(status);
    if (status === 400) expect(answer.json.errors[0]).toEqual({ path: someText, message: someText });
  });

  test('[HTTP12] an address that cannot be decoded is the fault of who asks', async () => {
    expect((await anna.ask('/api/documents/%E0%A4%A')).status).toBe(400);
    expect((await anna.ask('/api/join/%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00')).status).toBe(404);
  });

  test('[HTTP13] what fails in the server is a problem with the id under which it is logged', async () => {
    const find = vi.spyOn(server.access.sessions, 'find');
    find.mockRejectedValueOnce(new Error('a bug'));
    const broken = await anna.ask('/api/me');
    find.mockRejectedValueOnce(Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
    const away = await anna.ask('/api/me');
    find.mockRestore();
    expect(broken.status).toBe(500);
    expect(broken.text).not.toContain('a bug');
    const failed = server.logged.find(({ msg }) => msg === 'a request failed');
    expect(failed).toMatchObject({ id: broken.json.requestId, err: { message: 'a bug' } });
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toBe('5');
  });
});

describe('every answer', () => {
  test('[HTTP14, S3] tells browsers what the page may do, and is not kept', async () => {
    const { headers } = await anna.ask('/api/me');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.has('x-powered-by')).toBe(false);
    const page = await anna.ask('/');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy.split(';').sort()).toEqual([
      "base-uri 'none'",
      "connect-src 'self' ws: wss:",
      "default-src 'self'",
      "font-src 'self' data:",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "img-src 'self' https: data:",
      "object-src 'none'",
      "script-src 'self'",
      "style-src 'self' 'unsafe-inline'",
    ]);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('[HTTP15, S19] the log holds no query, no code and no secret', async () => {
    await anna.ask(`/api/join/${server.code}?secret=query`);
    await anna.ask(`/join/${server.code}`);
    await anna.ask('/yjs/content:x?token=mgr_secret');
    await anna.ask(`/link/${'a'.repeat(43)}`);
    const lines = JSON.stringify(server.logged);
    for (const secret of [server.code, 'secret', 'mgr_', 'a'.repeat(43), anna.cookie.split('=')[1] ?? ''])
      expect(lines).not.toContain(secret);
    expect(server.logged.map(({ path }) => path)).toContain('/api/join/…');
  });
});

describe('the page', () => {
  test.each(['/', '/review', '/join/abc', '/link/abc', '/documents/01900000-0000-7000-8000-000000000000'])(
    '[HTTP16] %s is the page, asked for anew each time',
    async (path) => {
      const answer = await new Asker(server).ask(path, { headers: { accept: 'text/html,*/*;q=0.8' } });
      expect(answer.status).toBe(200);
      expect(answer.text).toContain('<title>Marginalia</title>');
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    },
  );

  test('[HTTP17] files that are named by their contents are kept for ever', async () => {
    const file = await anna.ask('/assets/main-abc123.js');
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await anna.ask('/assets/../../package.json')).status).toBe(404);
    expect((await anna.ask('/nothing-here')).status).toBe(404);
  });
});

test('[HTTP18] ready means that the database answers', async () => {
  expect((await anna.ask('/readyz')).status).toBe(200);
  server.databaseAnswers = false;
  expect((await anna.ask('/readyz')).status).toBe(503);
  expect((await anna.ask('/healthz')).status).toBe(200);
  server.databaseAnswers = true;
});
