import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { limits } from '#core/entries.js';
import { Gate, SERVER } from '#core/gate.js';
import { privateRights, rightsOf } from '#core/roles.js';
import { craft, deleted, values } from '../support/craft.js';
import {
  anna,
  annotation,
  ben,
  Book,
  comment,
  GateUnderTest,
  mo,
  now,
  Peer,
  sameBytes,
  signed,
  uuid,
  writer,
} from '../support/peers.js';
import { bensNewClient, heart, readingCircle, thumb } from '../support/reading-circle.js';

const serverClient = 4_000_000_001;

describe('what a taken update gives back', () => {
  it('[GATE2] the bytes that Yjs wrote, the keys that changed and the client ids that it bound', () => {
    const { test, annas, ben: send } = readingCircle();
    const id = uuid();
    const applied = test.take(
      send((peer) => peer.map('comments').set(id, comment(ben, annas))),
      ben,
    );
    expect(applied.touched).toEqual(new Map([['comments', new Set([id])]]));
    expect(applied.clients).toEqual(new Map([[bensNewClient, ben]]));
    expect(applied.amended).toBe(false);
    expect(test.book.owner(bensNewClient)).toBe(ben);
  });

  it('[GATE5] a client id is bound by its first taken struct, and by nothing refused', () => {
    const { test, ben: send } = readingCircle();
    test.submit(
      send((peer) => peer.map('annotations').set(uuid(), annotation(anna))),
      ben,
    );
    expect(test.book.owner(bensNewClient)).toBeUndefined();
    const annas = new Peer(anna, bensNewClient, test.state).do((peer) =>
      peer.map('annotations').set(uuid(), annotation(anna)),
    );
    expect(test.take(annas, anna).clients).toEqual(new Map([[bensNewClient, anna]]));
    const bens = new Peer(ben, bensNewClient, test.state).do((peer) =>
      peer.map('annotations').set(uuid(), annotation(ben)),
    );
    expect(test.submit(bens, ben)).toMatchObject({ error: { code: 'client' } });
  });

  it('[GATE4] after a gap the whole copy is taken', () => {
    const { test, state } = readingCircle();
    const peer = new Peer(ben, bensNewClient, state);
    peer.do((p) => p.map('annotations').set(uuid(), annotation(ben)));
    const second = peer.do((p) => p.map('annotations').set(uuid(), annotation(ben)));
    expect(test.submit(second, ben)).toMatchObject({ error: { code: 'behind' } });
    expect(test.submit(peer.state(test.stateVector), ben)).toMatchObject({ ok: true });
    expect(sameBytes(peer.state(), test.state)).toBe(true);
  });

  it('[GATE3] sent again it is a no-op', () => {
    const { test, ben: send } = readingCircle();
    const update = send((peer) => peer.map('annotations').set(uuid(), annotation(ben)));
    test.take(update, ben);
    expect(test.take(update, ben).update).toBeNull();
  });
});

describe('the live document', () => {
  it('[GATE14] is refused a log that lacks parts', () => {
    const { state } = readingCircle();
    const peer = new Peer(ben, bensNewClient, state);
    peer.do((p) => p.map('annotations').set(uuid(), annotation(ben)));
    const second = peer.do((p) => p.map('annotations').set(uuid(), annotation(ben)));
    expect(() => new GateUnderTest({ state: Y.mergeUpdates([state, second]) })).toThrow('lacks parts');
  });

  it('[GATE20] follows what another server committed, and judges by it', () => {
    const here = readingCircle();
    const there = new GateUnderTest({ state: here.state, owners: here.test.book.owners });
    const id = uuid();
    const { update } = there.take(
      new Peer(ben, 60, here.state).do((peer) => peer.map('annotations').set(id, annotation(ben))),
      ben,
    );
    here.test.gate.follow(update ? [update] : []);
    expect(sameBytes(here.test.state, there.state)).toBe(true);
    const reply = here.ben((peer) => peer.map('comments').set(uuid(), comment(ben, id)));
    expect(here.test.submit(reply, ben)).toMatchObject({ ok: true });
  });

  it('[GATE14, S9] a root that somebody else made locks nobody out', () => {
    const { test, ben: send } = readingCircle();
    test.gate.doc.getMap('stray');
    expect(
      test.submit(
        send((peer) => peer.map('annotations').set(uuid(), annotation(ben))),
        ben,
      ),
    ).toMatchObject({ ok: true });
  });

  it('[GATE14] an update by which a status ends as nothing is not let out', () => {
    const { test, annas, at } = readingCircle();
    const [client, clock] = at('status', annas);
    // Under a lower client id and without an origin it loses to Anna's, which it ends.
    const update = craft(
      [
        {
          client: 3,
          clock: 0,
          structs: [{ root: 'status', key: annas, ...values({ state: 'open', ...signed(ben) }) }],
        },
      ],
      [[client, [[clock, 1]]]],
    );
    expect(test.submit(update, ben)).toMatchObject({ error: { code: 'integrity' } });
  });
});

describe('what the server adds', () => {
  const amend = (doc: Y.Doc): void => {
    doc.getMap('status').set('server', 'was here');
  };

  it('[GATE15, S10] comes in the same update, under its own client id, which is bound then', () => {
    const test = new GateUnderTest({ amend, serverClient });
    expect(test.gate.doc.clientID).toBe(serverClient);
    const peer = new Peer(ben, 5);
    const applied = test.take(
      peer.do((p) => p.map('annotations').set(uuid(), annotation(ben))),
      ben,
    );
    expect(applied.amended).toBe(true);
    expect(applied.clients).toEqual(
      new Map([
        [5, ben],
        [serverClient, SERVER],
      ]),
    );
    expect([...applied.touched.keys()].sort()).toEqual(['annotations', 'status']);
    peer.receive(applied.update ?? craft([]));
    expect(sameBytes(peer.state(), test.state)).toBe(true);
    // And Yjs has not taken its id for stolen.
    expect(test.gate.doc.clientID).toBe(serverClient);
    expect(
      test.take(
        peer.do((p) => p.map('annotations').set(uuid(), annotation(ben))),
        ben,
      ).clients.size,
    ).toBe(0);
  });

  it('[GATE15] adds nothing to what is known already, nor to what is refused', () => {
    let calls = 0;
    const test = new GateUnderTest({ amend: () => void calls++ });
    const update = new Peer(ben, 5).do((p) => p.map('annotations').set(uuid(), annotation(ben)));
    test.submit(update, anna);
    expect(calls).toBe(0);
    test.take(update, ben);
    test.take(update, ben);
    expect(calls).toBe(1);
  });

  it('[GATE14] when it fails the room must be rebuilt', () => {
    const test = new GateUnderTest({
      amend: () => {
        throw new Error('a bug');
      },
    });
    const update = new Peer(ben, 5).do((p) => p.map('annotations').set(uuid(), annotation(ben)));
    expect(test.submit(update, ben)).toMatchObject({ error: { code: 'integrity', message: 'a bug' } });
  });
});

describe('what the server writes in somebody’s name', () => {
  it('[GATE16] is written under the server’s client id, which it binds', () => {
    const { test } = readingCircle();
    const [id, reply] = [uuid(), uuid()];
    const result = test.gate.write(
      [
        { map: 'annotations', key: id, value: annotation(ben) },
        { map: 'comments', key: reply, value: comment(ben, id) },
        { map: 'comments', key: uuid(), value: comment(ben, id, { parent: reply }) },
      ],
      writer(ben),
    );
    if (!result.ok) return expect.fail(result.error.message);
    expect(result.value).toMatchObject({ amended: true, clients: new Map([[serverClient, SERVER]]) });
    expect(test.get('comments', reply)?.body).toBe('words');
    // His own client may go on with it.
    const peer = test.peer(ben, bensNewClient);
    expect(
      test.submit(
        peer.do((p) => p.change('comments', reply, { body: 'better' })),
        ben,
      ),
    ).toMatchObject({ ok: true });
  });

  it('[GATE16] all or none: later entries may name earlier ones, not the other way', () => {
    const { test, state, annas, annasComment } = readingCircle();
    const [id, reply] = [uuid(), uuid()];
    const codes = [
      [
        { map: 'comments', key: reply, value: comment(ben, id) },
        { map: 'annotations', key: id, value: annotation(ben) },
      ],
      [
        { map: 'annotations', key: id, value: annotation(ben) },
        { map: 'annotations', key: annas, value: annotation(ben) },
      ],
      [{ map: 'annotations', key: annasComment, value: annotation(ben) }],
      [{ map: 'annotations', key: id, value: annotation(anna) }],
      [{ map: 'annotations', key: annas, value: undefined }],
      [{ map: 'comments', key: uuid(), value: comment(ben, annas, { parent: uuid() }) }],
      [{ map: 'comments', key: id, value: comment(ben, annas, { parent: id }) }],
      [
        {
          map: 'annotations',
          key: id,
          value: { ...annotation(ben), jsonld: JSON.parse('{"__proto__": 1}') as unknown },
        },
      ],
      [{ map: 'seen' as never, key: id, value: 1 }],
    ].map((entries) => {
      const result = test.gate.write(entries as never, writer(ben));
      return result.ok ? 'ok' : result.error.code;
    });
    expect(codes).toEqual([
      'behind',
      'owner',
      'reference',
      'author',
      'removal',
      'behind',
      'reference',
      'shape',
      'path',
    ]);
    expect(sameBytes(state, test.state)).toBe(true);
    expect(test.book.owner(serverClient)).toBeUndefined();
  });

  it('[GATE16] a reaction is put and taken back; one that is not there is taken back without a word', () => {
    const { test, annasComment } = readingCircle();
    const own = `${annasComment} ${thumb} ${ben}`;
    const taken = test.gate.write([{ map: 'reactions', key: own, value: undefined }], writer(ben));
    expect(taken).toMatchObject({
      ok: true,
      value: { amended: true, touched: new Map([['reactions', new Set([own])]]) },
    });
    expect(test.get('reactions', own)).toBeUndefined();
    expect(test.gate.write([{ map: 'reactions', key: own, value: undefined }], writer(ben))).toMatchObject({
      ok: true,
      value: { update: null },
    });
    const others = `${annasComment} ${thumb} ${anna}`;
    expect(test.gate.write([{ map: 'reactions', key: others, value: undefined }], writer(ben))).toMatchObject(
      { error: { code: 'owner' } },
    );
    expect(
      test.gate.write(
        [{ map: 'reactions', key: `${annasComment} ${heart} ${ben}`, value: true }],
        writer(ben),
      ),
    ).toMatchObject({ ok: true });
  });

  it('[GATE16] a lone surrogate is written as the wire would carry it, so a later edit fits', () => {
    const { test } = readingCircle();
    const id = uuid();
    const cut = annotation(ben);
    if (cut.target) cut.target.exact = 'half an emoji \ud83d';
    expect(test.gate.write([{ map: 'annotations', key: id, value: cut }], writer(ben))).toMatchObject({
      ok: true,
    });
    const edit = test.peer(ben, bensNewClient).do((peer) => peer.change('annotations', id, { color: 'sky' }));
    expect(test.submit(edit, ben)).toMatchObject({ ok: true });
  });

  it('[GATE16] a viewer has nothing written, and a text holds no entries', () => {
    const { test } = readingCircle();
    const entries = [{ map: 'annotations', key: uuid(), value: annotation(ben) }] as const;
    expect(test.gate.write(entries, writer(ben, 'viewer'))).toMatchObject({ error: { code: 'role' } });
    const text = new Gate({ kind: 'content', id: uuid() }, { updates: [], book: new Book() });
    expect(text.write(entries, writer(ben, 'owner'))).toMatchObject({ error: { code: 'path' } });
  });

  it('[GATE16] a change of the server’s own is trusted', () => {
    const text = new GateUnderTest({ room: { kind: 'content', id: uuid() } });
    const applied = text.gate.edit((doc) => doc.getText('content').insert(0, 'An essay'));
    expect(applied).toMatchObject({
      amended: true,
      clients: new Map([[serverClient, SERVER]]),
      touched: new Map([['content', new Set()]]),
    });
    const reader = new Y.Doc();
    Y.applyUpdate(reader, applied.update ?? craft([]));
    expect(reader.getText('content').toJSON()).toBe('An essay');
    expect(text.gate.edit(() => undefined).update).toBeNull();
    expect(() => text.gate.edit(() => expect.unreachable('a bug'))).toThrow('a bug');
  });
});

describe('a self room', () => {
  const own = (): GateUnderTest => new GateUnderTest({ room: { kind: 'self', id: anna } });
  const me = { id: anna, rights: privateRights, now };
  const seen = (person: string, key: string, time: unknown): Uint8Array =>
    new Peer(person, 5).do((peer) => peer.doc.getMap('seen').set(key, time));

  it('[SELF1] holds one map `seen`, id to time, which its owner writes', () => {
    const [test, id] = [own(), uuid()];
    expect(test.take(seen(anna, id, now), me).touched).toEqual(new Map([['seen', new Set([id])]]));
    expect(test.gate.doc.getMap('seen').get(id)).toBe(now);
  });

  it('[SELF1] nobody else writes it, whatever his role', () => {
    const mos = { id: mo, rights: rightsOf('owner'), now };
    expect(own().submit(seen(mo, uuid(), now), mos)).toMatchObject({ error: { code: 'role' } });
  });

  it('[SELF1] other keys, values and maps are refused, and nothing is taken out', () => {
    const test = own();
    expect(test.submit(seen(anna, 'x', now), me)).toMatchObject({ error: { code: 'shape' } });
    expect(test.submit(seen(anna, uuid(), 'now'), me)).toMatchObject({ error: { code: 'shape' } });
    expect(test.submit(seen(anna, uuid(), now + limits.ahead + 1), me)).toMatchObject({
      error: { code: 'shape' },
    });
    const other = new Peer(anna, 5).do((peer) => peer.map('annotations').set(uuid(), annotation(anna)));
    expect(test.submit(other, me)).toMatchObject({ error: { code: 'path' } });
    const id = uuid();
    test.take(seen(anna, id, now), me);
    const gone = test.peer(anna, 6).do((peer) => peer.doc.getMap('seen').delete(id));
    expect(test.submit(gone, me)).toMatchObject({ error: { code: 'removal' } });
  });

  it('[SELF2] it holds at most 50,000 marks, and those it has may go on changing', () => {
    const doc = new Y.Doc();
    const ids = Array.from({ length: limits.seen }, uuid);
    doc.transact(() => ids.forEach((id) => doc.getMap('seen').set(id, 1)));
    const test = new GateUnderTest({
      room: { kind: 'self', id: anna },
      state: Y.encodeStateAsUpdate(doc),
      owners: [[doc.clientID, anna]],
    });
    expect(test.submit(seen(anna, uuid(), now), me)).toMatchObject({ error: { code: 'limit' } });
    const again = test.peer(anna, 6).do((peer) => peer.doc.getMap('seen').set(ids[0] ?? '', now));
    expect(test.submit(again, me)).toMatchObject({ ok: true });
  });
});

describe('deleted content', () => {
  it('[GATE8] is taken where the person may write the key and its value is here', () => {
    const { test, annas, at } = readingCircle();
    const key = uuid();
    const chain = craft([
      {
        client: bensNewClient,
        clock: 0,
        structs: [
          { root: 'comments', key, ...deleted(3) },
          { origin: [bensNewClient, 2], ...values(comment(ben, annas)) },
          { origin: at('status', annas), ...deleted(1) },
          { origin: [bensNewClient, 4], ...values({ state: 'open', ...signed(ben) }) },
        ],
      },
    ]);
    test.take(chain, ben);
    expect(test.get('comments', key)?.author).toBe(ben);
    expect(test.get('status', annas)?.by).toBe(ben);
  });

  it('[GATE18] is refused who may not write the key', () => {
    const { test, annas } = readingCircle();
    const struct = { root: 'decisions', key: annas, ...deleted(1) };
    expect(test.submit(craft([{ client: bensNewClient, clock: 0, structs: [struct] }]), ben)).toMatchObject({
      error: { code: 'role' },
    });
  });
});
