import { beforeAll, describe, expect, test } from 'vitest';
import { postgresMissing, postgresStore } from '../support/databases.js';
import { Asker, startHttp, type HttpServer, someText, textLike } from '../support/http.js';

let server: HttpServer;
beforeAll(async () => {
  server = await startHttp({
    essay: 'A walk\n\nOne goes out early, when nobody else is about, and does not know yet how far.',
  });
});

const join = (asker: Asker, name: unknown, code = server.code) =>
  asker.ask(`/api/join/${code}`, { method: 'POST', json: { name } });

describe('joining', () => {
  test('[JOIN1, B9] of two who are first at once, one is the owner', async () => {
    const both = await Promise.all([join(new Asker(server), 'Anna'), join(new Asker(server), 'Ben')]);
    expect(both.map(({ status }) => status)).toEqual([201, 201]);
    expect(both.map(({ json }) => json.group.role).sort()).toEqual(['owner', 'reader']);
    expect(await server.prisma.membership.count({ where: { role: 'owner' } })).toBe(1);
  });

  test('[JOIN2, S1] joining gives an id, a group and a session cookie that no script can read', async () => {
    const asker = new Asker(server);
    const answer = await join(asker, '  Chloé ');
    expect(answer.status).toBe(201);
    expect(answer.json).toEqual({
      user: { id: textLike(/^[0-9a-f-]{36}$/), name: 'Chloé' },
      group: { id: someText, name: 'Reading group', role: 'reader' },
    });
    const cookie = answer.headers.getSetCookie()[0] ?? '';
    const { id } = await server.prisma.instance.findFirstOrThrow();
    expect(cookie).toMatch(new RegExp(`^marginalia_${id.slice(-8)}=[\\w-]{43}; `));
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
    expect(cookie).toMatch(/; Max-Age=31536000/);
    expect(cookie).not.toMatch(/Secure|Domain/);
    const me = await asker.ask('/api/me');
    expect(me.json).toEqual({ user: answer.json.user, groups: [answer.json.group] });
  });

  test('[JOIN3] of a session and a token only the hash is stored', async () => {
    const dora = await Asker.join(server, 'Dora');
    const secret = dora.cookie.split('=')[1] ?? '';
    const rows = await server.prisma.session.findMany();
    expect(rows.length).toBeGreaterThan(0);
    for (const { secretHash } of rows) {
      expect(secretHash).toHaveLength(32);
      expect(Buffer.from(secretHash).toString('base64url')).not.toBe(secret);
    }
  });

  test.each([
    ['', 'name'],
    ['   ', 'name'],
    ['x'.repeat(65), 'name'],
    ['Anna\u202eB', 'name'],
    ['Tab\tby', 'name'],
    ['a\u0301\u0301\u0301\u0301\u0301', 'name'],
    ['\u200d', 'name'],
    [7, 'name'],
    [undefined, 'name'],
  ])('[JOIN4] the name %j is refused with the path of the fault', async (name, path) => {
    const answer = await join(new Asker(server), name);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.json).toMatchObject({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      errors: [{ path }],
    });
  });

  test.each(['anna', 'ANNA', 'Аnna', 'Ａｎｎａ', 'Anna\u200c'])(
    '[JOIN5, S18] %s is taken while there is an Anna, and another name is proposed',
    async (name) => {
      const answer = await join(new Asker(server), name);
      expect(answer.status).toBe(409);
      expect(answer.json).toMatchObject({ code: 'name-taken', proposal: textLike(/ 2$/) });
      expect((await join(new Asker(server), answer.json.proposal)).status).toBe(201);
      await server.prisma.membership.deleteMany({ where: { name: answer.json.proposal } });
    },
  );

  test('[JOIN6] one name wanted by two at once goes to one of them', async () => {
    const both = await Promise.all([join(new Asker(server), 'Emil'), join(new Asker(server), 'emil')]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
  });

  test('[JOIN7, S2] who has a session keeps his person and gets a new session value', async () => {
    const fritz = await Asker.join(server, 'Fritz');
    const before = fritz.cookie;
    const again = await join(fritz, 'Somebody else');
    expect(again.status).toBe(200);
    expect(again.json.user).toEqual({ id: fritz.id, name: 'Fritz' });
    expect(fritz.cookie).not.toBe(before);
    const old = new Asker(server);
    old.cookie = before;
    expect((await old.ask('/api/me')).status).toBe(401);
    expect((await fritz.ask('/api/me')).json.user.id).toBe(fritz.id);
  });

  test('[JOIN8] who is known already joins a second group under a name of that group', async () => {
    const gerd = await Asker.join(server, 'Gerd');
    const other = await server.prisma.group.create({ data: { id: crypto.randomUUID(), name: 'Thursdays' } });
    const { code } = await server.access.invitations.create(other.id, null, { role: 'viewer' });
    const joined = await join(gerd, 'Gerhard', code);
    expect(joined.status).toBe(201);
    expect(joined.json).toEqual({
      user: { id: gerd.id, name: 'Gerd' },
      group: { id: other.id, name: 'Thursdays', role: 'owner' },
    });
    const names = await server.access.people.names(other.id, [gerd.id]);
    expect(names.get(gerd.id)).toBe('Gerhard');
    expect((await gerd.ask('/api/me')).json.groups).toHaveLength(2);
  });

  test('[JOIN9] a script joins as the person of its token, and gets no cookie', async () => {
    const hanna = await Asker.join(server, 'Hanna');
    const script = await hanna.script();
    const answer = await join(script, 'Robot');
    expect(answer.status).toBe(200);
    expect(answer.json.user.id).toBe(hanna.id);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });
});

describe('invitations', () => {
  test('[JOIN10] what an invitation leads to is told without using it up', async () => {
    const { id: groupId } = await server.prisma.group.findFirstOrThrow({ orderBy: { id: 'asc' } });
    const { code, id } = await server.access.invitations.create(groupId, null, { uses: 1 });
    const told = await new Asker(server).ask(`/api/join/${code}`);
    const readers = await server.prisma.membership.count({ where: { groupId } });
    expect(told.json).toEqual({ group: { name: 'Reading group' }, documents: ['A walk'], readers });
    expect((await server.prisma.invitation.findUniqueOrThrow({ where: { id } })).uses).toBe(0);
  });

  test('[JOIN11] unknown, revoked, full and expired codes are answered alike', async () => {
    const owner = await server.prisma.membership.findFirstOrThrow({
      where: { role: 'owner' },
      orderBy: { groupId: 'asc' },
    });
    const { invitations } = server.access;
    const revoked = await invitations.create(owner.groupId, null, {});
    await invitations.revoke(owner.groupId, revoked.id);
    const full = await invitations.create(owner.groupId, null, { uses: 1 });
    await Asker.join(server, 'Ida', full.code);
    const expired = await invitations.create(owner.groupId, null, { expires: new Date(Date.now() - 1) });
    const answers = [];
    for (const code of ['AAAAAAAAAAAAAAAAAAAAAA', revoked.code, full.code, expired.code]) {
      answers.push((await new Asker(server).ask(`/api/join/${code}`)).text);
      const answer = await join(new Asker(server), 'Jan', code);
      expect(answer.status).toBe(404);
      answers.push(answer.text);
    }
    expect(new Set(answers).size).toBe(1);
  });

  test('[JOIN12] an invitation for one lets one in, of two at once', async () => {
    const { id } = await server.prisma.group.findFirstOrThrow({ orderBy: { id: 'asc' } });
    const { code } = await server.access.invitations.create(id, null, { uses: 1, role: 'viewer' });
    const both = await Promise.all([
      join(new Asker(server), 'Kai', code),
      join(new Asker(server), 'Lea', code),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 404]);
  });
});

describe('a server of its own', () => {
  test('[JOIN13] twenty wrong codes a minute and address, and right ones are never counted', async () => {
    const own = await startHttp({ essay: 'One line is enough to be read together by everyone.' });
    for (let number = 0; number < 25; number++) await Asker.join(own, `Reader ${number + 2}`);
    const wrong = () => new Asker(own).ask('/api/join/AAAAAAAAAAAAAAAAAAAAAA');
    for (let number = 0; number < 20; number++) expect((await wrong()).status).toBe(404);
    const stopped = await wrong();
    expect(stopped.status).toBe(429);
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(0);
    const right = await join(new Asker(own), 'Zoe', own.code);
    expect(right.status).toBe(429);
  });
});

describe.skipIf(postgresMissing !== null)(
  `on PostgreSQL, where several write at once ${postgresMissing ?? ''}`,
  () => {
    test('[JOIN14] many who come at once make one owner, one of each name, and fill an invitation once', async () => {
      const own = await startHttp({ essay: 'One line is enough.', store: await postgresStore() });
      const all = (names: string[], code = own.code) =>
        Promise.all(names.map((name) => join(new Asker(own), name, code)));
      const first = await all(Array.from({ length: 8 }, (_, n) => `Reader ${'abcdefgh'[n]}`));
      expect(first.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
      expect(first.filter(({ json: { group } }) => group.role === 'owner')).toHaveLength(1);
      // Case alone would be caught by the key that the database holds unique; a look-alike only by who waits his turn.
      const same = await all(['PauI', 'Paul', 'PauI', 'Paul', 'PauI', 'Paul']);
      expect(same.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
      const { id } = await own.prisma.group.findFirstOrThrow();
      const { code } = await own.access.invitations.create(id, null, { uses: 2 });
      const few = await all(['Uwe', 'Vera', 'Willi', 'Xenia', 'Yves'], code);
      expect(few.map(({ status }) => status).sort()).toEqual([201, 201, 404, 404, 404]);
    });
  },
);
