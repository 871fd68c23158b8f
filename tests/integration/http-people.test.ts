import { beforeAll, describe, expect, test } from 'vitest';
import { leaveHostLink } from '../../server/access/host-link.js';
import { ownerLink } from '../../server/access/links.js';
import { Asker, layerRoom, startHttp, type HttpServer, someText, textLike } from '../support/http.js';

const minute = 60_000;
const day = 24 * 60 * minute;

let server: HttpServer;
let owner: Asker;
let anna: Asker;
beforeAll(async () => {
  server = await startHttp({ essay: 'One line is enough to be read together by everyone.' });
  owner = await Asker.join(server, 'Olga');
  anna = await Asker.join(server, 'Anna');
});

const members = (asker: Asker, id = '') => `/api/groups/${asker.group}/members${id && `/${id}`}`;
const setRole = (asker: Asker, id: string, role: unknown) =>
  asker.ask(members(asker, id), { method: 'PATCH', json: { role } });

describe('sessions', () => {
  test('[PEOPLE20] who is not signed in gets 401', async () => {
    const stranger = new Asker(server);
    for (const path of ['/api/me', '/api/documents', '/api/tokens', members(anna)])
      expect((await stranger.ask(path)).status).toBe(401);
    stranger.cookie = anna.cookie.replace(/=.*/, '=AAAA');
    expect((await stranger.ask('/api/me')).status).toBe(401);
  });

  test('[PEOPLE21] signing out ends the session here and tells open sockets', async () => {
    const ben = await Asker.join(server, 'Ben');
    const { cookie } = ben;
    const told: string[] = [];
    server.access.rights.onChange((person) => told.push(person));
    const answer = await ben.ask('/api/session', { method: 'DELETE' });
    expect(answer.status).toBe(204);
    expect(ben.cookie).toBe('');
    expect(told).toContain(ben.id);
    ben.cookie = cookie;
    expect((await ben.ask('/api/me')).status).toBe(401);
    expect(await server.access.identify({ cookie, token: undefined })).toBeNull();
  });

  test('[PEOPLE22] a session lasts a year from the last day on which it was used', async () => {
    const carl = await Asker.join(server, 'Carl');
    expect((await carl.ask('/api/me')).headers.getSetCookie()).toEqual([]);
    server.ahead = 200 * day;
    expect((await carl.ask('/api/me')).headers.getSetCookie()[0]).toMatch(/; Max-Age=31536000/);
    server.ahead = (200 + 364) * day;
    expect((await carl.ask('/api/me')).status).toBe(200);
    server.ahead = (200 + 364 + 366) * day;
    expect((await carl.ask('/api/me')).status).toBe(401);
    server.ahead = 0;
  });

  test('[PEOPLE23] a new name holds everywhere, unless it is taken', async () => {
    const dora = await Asker.join(server, 'Dora');
    const rename = (name: string) => dora.ask('/api/me', { method: 'PATCH', json: { name } });
    expect((await rename('ANNA')).json).toMatchObject({ status: 409, proposal: 'ANNA 2' });
    expect((await rename('Dora B.')).json.user).toEqual({ id: dora.id, name: 'Dora B.' });
    expect((await rename('dora b.')).status).toBe(200);
    expect((await rename('')).json.errors).toEqual([{ path: 'name', message: someText }]);
    const listed = await dora.ask(members(dora));
    expect(listed.json.items.map(({ name }: { name: string }) => name)).toContain('dora b.');
  });
});

describe('links for another device', () => {
  const open = (asker: Asker, url: string) =>
    asker.ask(`/api/link/${new URL(url).pathname.split('/').at(-1)}`, { method: 'POST' });

  test('[PEOPLE24, B9] a link signs in as the same person, once', async () => {
    const made = await anna.ask('/api/me/links', { method: 'POST' });
    expect(made.status).toBe(201);
    expect(made.json.url).toMatch(new RegExp(`^${server.url}/link/[\\w-]{43}$`));
    expect(made.json.qr).toMatch(/^<svg[^>]*>.*<\/svg>\s*$/s);
    const left = Date.parse(made.json.expires) - Date.now();
    expect(left).toBeGreaterThan(9 * minute);
    expect(left).toBeLessThanOrEqual(10 * minute);
    const phone = new Asker(server);
    const both = await Promise.all([open(phone, made.json.url), open(new Asker(server), made.json.url)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 404]);
    const used = both.find(({ status }) => status === 200);
    expect(used?.json).toEqual({ user: { id: anna.id, name: 'Anna' } });
    expect((await open(new Asker(server), made.json.url)).status).toBe(404);
    expect((await anna.ask('/api/me')).status).toBe(200);
  });

  test('[PEOPLE25] after ten minutes a link is as good as unknown', async () => {
    const { json } = await anna.ask('/api/me/links', { method: 'POST' });
    server.ahead = 10 * minute + 1;
    const late = await open(new Asker(server), json.url);
    server.ahead = 0;
    const unknown = await open(new Asker(server), `${server.url}/link/${'A'.repeat(43)}`);
    expect(late.status).toBe(404);
    expect(late.text).toBe(unknown.text);
  });

  test('[PEOPLE26, B9] the host can let the owner in again, by the database or by the data folder', async () => {
    const made = await ownerLink(server.prisma);
    if (!made.ok) throw new Error(made.error);
    const left = await leaveHostLink(server.dataDir);
    for (const { code } of [made.value, left]) {
      const asker = new Asker(server);
      expect((await open(asker, `${server.url}/link/${code}`)).json).toEqual({
        user: { id: owner.id, name: 'Olga' },
      });
      expect((await asker.ask('/api/me')).json.groups[0].role).toBe('owner');
      expect((await open(new Asker(server), `${server.url}/link/${code}`)).status).toBe(404);
    }
    const late = await leaveHostLink(server.dataDir, Date.now() - 11 * minute);
    expect((await open(new Asker(server), `${server.url}/link/${late.code}`)).status).toBe(404);
  });
});

describe('tokens', () => {
  test('[PEOPLE27] a token is shown once, listed without its secret, and removed', async () => {
    const made = await anna.ask('/api/tokens', { method: 'POST', json: { name: '  my script ' } });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({ name: 'my script', token: textLike(/^mgn_[\w-]{43}$/) });
    const script = new Asker(server);
    script.headers = { authorization: `Bearer ${made.json.token}` };
    expect((await script.ask('/api/me')).json.user.id).toBe(anna.id);
    const one = await anna.ask(`/api/tokens/${made.json.id}`);
    expect(one.json).toEqual({
      id: made.json.id,
      name: 'my script',
      created: someText,
      lastUsed: someText,
    });
    const all = await anna.ask('/api/tokens');
    expect(all.text).not.toContain(made.json.token);
    expect(all.json.items).toContainEqual(one.json);
    expect((await owner.ask(`/api/tokens/${made.json.id}`)).status).toBe(404);
    expect((await owner.ask(`/api/tokens/${made.json.id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await anna.ask(`/api/tokens/${made.json.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await script.ask('/api/me')).status).toBe(401);
  });

  test('[PEOPLE28, S19] a room token opens its room for twelve hours, and nothing else', async () => {
    const room = layerRoom(await anna.layer());
    const made = await anna.ask(`/api/rooms/${room}/token`, { method: 'POST' });
    expect(made.status).toBe(201);
    expect(made.json.token).toMatch(/^mgr_/);
    const client = new Asker(server);
    client.headers = { authorization: `Bearer ${made.json.token}` };
    expect((await client.ask(`/api/rooms/${room}/state`)).status).toBe(200);
    const other = layerRoom(await anna.layer('private'));
    expect((await client.ask(`/api/rooms/${other}/state`)).status).toBe(404);
    for (const path of ['/api/me', '/api/documents', '/api/tokens'])
      expect((await client.ask(path)).json).toMatchObject({ status: 403, code: 'room-token' });
    const mine = { cookie: undefined, token: made.json.token };
    expect(await server.access.identify(mine)).toEqual({ person: { id: anna.id, name: 'Anna' }, only: room });
    server.ahead = 12 * 60 * minute + 1;
    expect(await server.access.identify(mine)).toBeNull();
    server.ahead = 0;
  });
});

describe('groups', () => {
  test('[PEOPLE29] members see who belongs; others see no group at all', async () => {
    const first = await anna.ask(`${members(anna)}?limit=2`);
    expect(first.json.items).toHaveLength(2);
    expect(first.json.items[0]).toEqual({
      id: owner.id,
      name: 'Olga',
      role: 'owner',
      joined: someText,
    });
    const rest = await anna.ask(`${members(anna)}?cursor=${first.json.next}`);
    const ids = [...first.json.items, ...rest.json.items].map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(await server.prisma.membership.count());
    expect(rest.json.next).toBeNull();
    expect((await anna.ask(`${members(anna)}?cursor=nonsense`)).json.errors[0].path).toBe('cursor');
    expect((await anna.ask(`${members(anna)}?limit=0`)).json.errors[0].path).toBe('limit');
    const other = crypto.randomUUID();
    await server.prisma.group.create({ data: { id: other, name: 'Others' } });
    for (const id of [other, '01900000-0000-7000-8000-000000000000', 'x'])
      expect((await owner.ask(`/api/groups/${id}/members`)).status).toBe(404);
  });

  test('[PEOPLE30] only owners change roles, remove others and invite', async () => {
    const emil = await Asker.join(server, 'Emil');
    expect((await setRole(anna, emil.id, 'editor')).status).toBe(403);
    expect((await anna.ask(members(anna, emil.id), { method: 'DELETE' })).status).toBe(403);
    expect((await anna.ask(`/api/groups/${anna.group}/invitations`)).status).toBe(403);
    const invited = await anna.ask(`/api/groups/${anna.group}/invitations`, { method: 'POST', json: {} });
    expect(invited.status).toBe(403);
    expect((await setRole(owner, emil.id, 'pope')).json.errors[0].path).toBe('role');
    expect((await setRole(owner, emil.id, 'editor')).json).toMatchObject({ id: emil.id, role: 'editor' });
    expect((await setRole(owner, crypto.randomUUID(), 'editor')).status).toBe(404);
    expect((await owner.ask(members(owner, emil.id), { method: 'DELETE' })).status).toBe(204);
    expect((await emil.ask(members(emil))).status).toBe(404);
  });

  test('[PEOPLE31] a change of role holds at the next question, and rooms are told', async () => {
    const fritz = await Asker.join(server, 'Fritz');
    const room = layerRoom(await fritz.layer());
    const told: string[] = [];
    server.access.rights.onChange((person) => told.push(person));
    expect(await server.access.rights.rights(fritz.id, room)).toMatchObject({ read: true, comment: true });
    await setRole(owner, fritz.id, 'viewer');
    expect(told).toEqual([fritz.id]);
    expect(await server.access.rights.rights(fritz.id, room)).toMatchObject({ read: true, comment: false });
    await owner.ask(members(owner, fritz.id), { method: 'DELETE' });
    expect(told).toEqual([fritz.id, fritz.id]);
    expect(await server.access.rights.rights(fritz.id, room)).toMatchObject({ read: false, comment: false });
  });

  test('[PEOPLE32] the last owner cannot go, of two who go at once one stays', async () => {
    expect((await setRole(owner, owner.id, 'reader')).json).toMatchObject({
      status: 409,
      code: 'last-owner',
    });
    expect((await owner.ask(members(owner, owner.id), { method: 'DELETE' })).status).toBe(409);
    expect((await setRole(owner, owner.id, 'owner')).status).toBe(200);
    await setRole(owner, anna.id, 'owner');
    const both = await Promise.all([setRole(owner, owner.id, 'reader'), setRole(anna, anna.id, 'reader')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const stays = both[0]?.status === 409 ? owner : anna;
    await setRole(stays, owner.id, 'owner');
    await setRole(owner, anna.id, 'reader');
  });

  test('[PEOPLE33] everyone may leave, and come again by a link as the same person', async () => {
    const gerd = await Asker.join(server, 'Gerd');
    expect((await gerd.ask(members(gerd, gerd.id), { method: 'DELETE' })).status).toBe(204);
    expect((await gerd.ask('/api/me')).json.groups).toEqual([]);
    expect((await gerd.ask('/api/documents')).json.items).toEqual([]);
    const again = await gerd.ask(`/api/join/${server.code}`, { method: 'POST', json: { name: 'Gerd' } });
    expect(again.json).toMatchObject({ user: { id: gerd.id }, group: { role: 'reader' } });
  });

  test('[PEOPLE34] an owner makes invitations with a role, an end and a number of uses, and revokes them', async () => {
    const path = `/api/groups/${owner.group}/invitations`;
    const expires = new Date(Date.now() + day).toISOString();
    const made = await owner.ask(path, { method: 'POST', json: { role: 'editor', expires, uses: 3 } });
    expect(made.status).toBe(201);
    const { id, code } = made.json;
    expect(made.json).toMatchObject({
      role: 'editor',
      expires,
      uses: 3,
      used: 0,
      url: `${server.url}/join/${code}`,
    });
    expect(code).toMatch(/^[\w-]{22}$/);
    const hanna = await Asker.join(server, 'Hanna', code);
    expect((await hanna.ask('/api/me')).json.groups[0].role).toBe('editor');
    const listed = await owner.ask(path);
    expect(listed.json.items.find((item) => item.id === id)?.used).toBe(1);
    expect((await owner.ask(`${path}/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await owner.ask(`${path}/${id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await owner.ask(path)).text).not.toContain(code);
    for (const bad of [
      { uses: 0 },
      { role: 'pope' },
      { expires: 'soon' },
      { expires: new Date(0).toISOString() },
    ])
      expect((await owner.ask(path, { method: 'POST', json: bad })).json.errors[0].path).toBe(
        Object.keys(bad)[0],
      );
  });

  test('[PEOPLE35] the printed link is an open one for readers, a new one when all are revoked', async () => {
    const { invitations } = server.access;
    expect(await invitations.printed(owner.group)).toBe(server.code);
    for (const { id, role } of await invitations.list(owner.group))
      if (role === 'reader') await invitations.revoke(owner.group, id);
    const code = await invitations.printed(owner.group);
    expect(code).not.toBe(server.code);
    expect(await invitations.printed(owner.group)).toBe(code);
    server = Object.assign(server, { code });
  });
});

describe('rights in rooms', () => {
  const all = ['read', 'comment', 'edit', 'decide', 'moderate'] as const;
  test.each([
    ['owner', all],
    ['moderator', ['read', 'comment', 'moderate']],
    ['editor', ['read', 'comment', 'edit', 'decide']],
    ['reader', ['read', 'comment']],
    ['viewer', ['read']],
  ] as const)('[PEOPLE36, S13] a %s may %j in the rooms of the group', async (role, may) => {
    const { id } = await Asker.join(server, `The ${role}`);
    await setRole(owner, id, role);
    const rights = await server.access.rights.rights(id, layerRoom(await anna.layer()));
    expect(all.filter((right) => rights[right])).toEqual(may);
    await server.access.groups.remove(owner.group, id);
  });

  test('[PEOPLE37, S13] nobody but its owner enters a private layer or a self room, the owner of the group included', async () => {
    const room = layerRoom(await anna.layer('private'));
    expect(await server.access.rights.rights(anna.id, room)).toMatchObject({
      comment: true,
      moderate: true,
      edit: false,
    });
    expect(await server.access.rights.rights(owner.id, room)).toMatchObject({ read: false });
    expect(await server.access.rights.rights(anna.id, `self:${anna.id}`)).toMatchObject({
      read: true,
      comment: true,
    });
    expect(await server.access.rights.rights(owner.id, `self:${anna.id}`)).toMatchObject({ read: false });
    expect((await owner.ask(`/api/rooms/${room}/state`)).status).toBe(404);
    expect((await owner.ask(`/api/layers/${room.slice(6)}/annotations/`)).status).toBe(404);
    const listed = JSON.stringify((await owner.ask('/api/documents')).json);
    expect(listed).not.toContain(room.slice(6));
  });

  test.each(['layer:x', 'layer:01900000-0000-7000-8000-000000000000', 'nonsense', 'content:'])(
    '[PEOPLE38] the room %s is none',
    async (room) => {
      expect(await server.access.rights.rights(owner.id, room as `layer:${string}`)).toMatchObject({
        read: false,
      });
      expect((await owner.ask(`/api/rooms/${room}/state`)).status).toBe(404);
      expect((await owner.ask(`/api/rooms/${room}/token`, { method: 'POST' })).status).toBe(404);
    },
  );
});
