import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import * as api from '../../client/session/api.js';

/** What the server says next; a rejection is a network that is not there. */
let answer: () => Promise<Response>;
const says = (status: number, body?: unknown): void =>
  void (answer = () =>
    Promise.resolve(new Response(body === undefined ? null : JSON.stringify(body), { status })));
const asked = vi.fn<typeof fetch>(() => answer());

beforeEach(() => {
  // `Object.keys` of a Storage are the keys that it holds.
  const kept: Record<string, unknown> = { 'marginalia:theme': 'dark' };
  Object.defineProperties(kept, {
    setItem: { value: (key: string, value: string) => void (kept[key] = value) },
    getItem: { value: (key: string) => kept[key] ?? null },
    removeItem: { value: (key: string) => delete kept[key] },
  });
  vi.stubGlobal('localStorage', kept);
  vi.stubGlobal('fetch', asked);
});
afterEach(() => void vi.unstubAllGlobals());

const me = { user: { id: '1', name: 'Anna' }, groups: [] };

it('[API1] a refusal is a value with what the server said', async () => {
  says(409, { title: 'taken', status: 409, proposal: 'Anna 2' });
  expect(await api.join('a/b', 'Anna')).toEqual({
    ok: false,
    error: { type: 'about:blank', title: 'taken', status: 409, proposal: 'Anna 2' },
  });
  const [path, request] = asked.mock.lastCall ?? [];
  expect(path).toBe('/api/join/a%2Fb');
  expect(request).toMatchObject({ method: 'POST', body: '{"name":"Anna"}' });
});

it('[API1] no answer, and a page that some proxy made of one, are values too', async () => {
  answer = () => Promise.reject(new TypeError('failed to fetch'));
  expect(await api.invitation('x')).toMatchObject({ ok: false, error: { status: 0 } });
  answer = () => Promise.resolve(new Response('<html>', { status: 200 }));
  expect(await api.invitation('x')).toMatchObject({ ok: false, error: { status: 0 } });
  answer = () => Promise.resolve(new Response('<html>', { status: 502 }));
  expect(await api.invitation('x')).toMatchObject({ ok: false, error: { status: 502 } });
});

it('[API2] what a reading needs is remembered for when nothing answers, and for no longer than I am signed in', async () => {
  says(200, me);
  expect(await api.me()).toEqual({ ok: true, value: me });
  says(503, { title: 'the database is away' });
  expect(await api.me()).toEqual({ ok: true, value: me });
  expect(await api.document('1')).toMatchObject({ ok: false, error: { status: 503 } });
  says(204);
  expect(await api.leave()).toEqual({ ok: true, value: null });
  says(503, {});
  expect(await api.me()).toMatchObject({ ok: false });
  expect(Object.keys(localStorage)).toEqual(['marginalia:theme']);
});

it('[API2] a session that has ended, and a document that is gone, are forgotten', async () => {
  says(200, me);
  await api.me();
  await api.document('1');
  says(404, {});
  expect(await api.document('1')).toMatchObject({ ok: false, error: { status: 404 } });
  says(503, {});
  expect(await api.document('1')).toMatchObject({ ok: false });
  expect(await api.me()).toMatchObject({ ok: true });
  says(401, {});
  expect(await api.me()).toMatchObject({ ok: false, error: { status: 401 } });
  says(503, {});
  expect(await api.me()).toMatchObject({ ok: false });
});
