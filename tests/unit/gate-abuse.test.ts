import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { Applied } from '#core/gate.js';
import type { Result } from '#core/result.js';
import { craft, deleted, string, values, type CraftedStruct } from '../support/craft.js';
import {
  ben,
  comment,
  contentRoom,
  eda,
  GateUnderTest,
  Peer,
  sameBytes,
  signed,
  uuid,
  writer,
} from '../support/peers.js';
import { annasClient, bensNewClient, readingCircle } from '../support/reading-circle.js';

/** Judges in steps; returns how many there were. */
function inSteps(
  test: GateUnderTest,
  update: Uint8Array,
  who = ben,
): { steps: number; result: Result<Applied> } {
  const running = test.gate.submitting(update, writer(who));
  for (let steps = 1; ; steps++) {
    const { done, value } = running.next();
    if (done) return { steps, result: value };
  }
}

describe('two writes of one client id at one place', () => {
  const status = values({ state: 'open', ...signed(ben) });
  const limit = { ok: false, error: { code: 'limit' } };

  it('[GATE23] a second write of a key by a client id that names no earlier one is refused, in one update and in two', () => {
    const { test, annas, state } = readingCircle();
    const at = { root: 'assigned', key: annas, ...values({ to: ben, ...signed(ben) }) };
    const one = craft([{ client: bensNewClient, clock: 0, structs: [at] }]);
    const two = craft([{ client: bensNewClient, clock: 0, structs: [at, at] }]);
    expect(test.submit(two, ben)).toMatchObject(limit);
    expect(sameBytes(test.state, state)).toBe(true);
    test.take(one, ben);
    expect(test.submit(craft([{ client: bensNewClient, clock: 1, structs: [at] }]), ben)).toMatchObject(
      limit,
    );
    // Another client id of the same person may: it did not know.
    test.take(craft([{ client: bensNewClient + 1, clock: 0, structs: [at] }]), ben);
  });

  it('[GATE23] so is a second one after the same neighbour', () => {
    const { test, annas, at } = readingCircle();
    const after: CraftedStruct = { origin: at('status', annas), ...status };
    expect(
      test.submit(craft([{ client: bensNewClient, clock: 0, structs: [after, after] }]), ben),
    ).toMatchObject(limit);
    test.take(craft([{ client: bensNewClient, clock: 0, structs: [after] }]), ben);
  });

  it('[GATE23] and in a text between the same two; writing at the front again and again is not that', () => {
    const test = new GateUnderTest({ room: contentRoom });
    const first: CraftedStruct = { root: 'content', ...string('x') };
    expect(test.submit(craft([{ client: 30, clock: 0, structs: [first, first] }]), eda)).toMatchObject(limit);
    const peer = new Peer(eda, 31);
    for (let i = 0; i < 50; i++) peer.doc.getText('content').insert(0, 'ab');
    test.take(peer.state(), eda);
  });
});

describe('new client ids', () => {
  it('[GATE24] more than the sender may still bind are `busy`, before anything is applied; how many were bound is told', () => {
    const { test, state } = readingCircle();
    const peer = new Peer(ben, 30, state);
    peer.map('status').set(uuid(), { state: 'open', ...signed(ben) });
    const mine = (client: number) => ({
      client,
      clock: 0,
      structs: [
        {
          root: 'annotations',
          key: uuid(),
          ...values({
            author: ben,
            created: 1,
            motivation: 'highlighting',
            target: null,
            color: 'amber',
            tags: [],
          }),
        },
      ],
    });
    const update = craft([mine(31), mine(32), mine(33)]);
    expect(test.submit(update, ben, { clients: 2 })).toMatchObject({ ok: false, error: { code: 'busy' } });
    expect(sameBytes(test.state, state)).toBe(true);
    expect(test.take(update, ben, { clients: 3 }).clients.size).toBe(3);
    // Known ones count for nothing.
    test.take(craft([{ ...mine(31), clock: 1 }]), ben, { clients: 0 });
  });
});

describe('an update larger than what can be applied at once', () => {
  it('[GATE25] is judged and applied in many steps, and leaves as one update', () => {
    const { test, annas, state } = readingCircle();
    const peer = new Peer(ben, bensNewClient, state);
    for (let i = 0; i < 25_000; i++) peer.map('comments').set(uuid(), comment(ben, annas, { body: 'x' }));
    const reader = new Peer(eda, 9, state);
    const { steps, result } = inSteps(test, peer.state(test.stateVector));
    if (!result.ok || !result.value.update) return expect.fail(JSON.stringify(result));
    expect(steps).toBeGreaterThan(25);
    expect(result.value.clients).toEqual(new Map([[bensNewClient, ben]]));
    reader.receive(result.value.update);
    expect(sameBytes(reader.state(), test.state)).toBe(true);
    expect(test.gate.doc.getMap('comments').size).toBe(25_003);
  });

  it('[GATE25] is refused as a whole for one forged entry at its end', () => {
    const { test, annas, state } = readingCircle();
    const peer = new Peer(ben, bensNewClient, state);
    for (let i = 0; i < 3_000; i++) peer.map('comments').set(uuid(), comment(ben, annas));
    peer.map('comments').set(uuid(), comment(eda, annas));
    expect(inSteps(test, peer.state()).result).toMatchObject({ ok: false, error: { code: 'author' } });
    expect(sameBytes(test.state, state)).toBe(true);
  });

  it('[GATE25] of a text too: a long paste is cut, and ten thousand words taken out one by one', () => {
    const test = new GateUnderTest({ room: contentRoom });
    const peer = new Peer(eda, 5);
    const text = peer.doc.getText('content');
    const long = 'a字😀b '.repeat(60_000);
    text.insert(0, long);
    expect(inSteps(test, peer.state(), eda)).toMatchObject({ result: { ok: true } });
    expect(test.gate.doc.getText('content').toJSON()).toBe(long);
    peer.doc.transact(() => {
      for (let i = 0; i < 10_000; i++) text.delete(i * 5, 1);
    });
    const cut = inSteps(test, peer.state(test.stateVector), eda);
    expect(cut).toMatchObject({ result: { ok: true } });
    expect(cut.steps).toBeGreaterThan(10);
    expect(test.gate.doc.getText('content').toJSON()).toBe(text.toJSON());
    expect(sameBytes(Y.encodeStateVector(peer.doc), test.stateVector)).toBe(true);
  });

  it('[GATE25] thousands of client ids at one key are applied a few at a time', () => {
    const { test, annas } = readingCircle();
    const sections = Array.from({ length: 2_000 }, (_, i) => ({
      client: 10_000 + i,
      clock: 0,
      structs: [{ root: 'status', key: annas, ...values({ state: 'open', ...signed(ben) }) }],
    }));
    const { steps, result } = inSteps(test, craft(sections));
    expect(result).toMatchObject({ ok: true });
    expect(steps).toBeGreaterThan(100);
  });

  it('[READ11] a value longer than any entry may be is not read to its end', () => {
    const { test } = readingCircle();
    const place = { root: 'annotations', key: uuid() };
    const wide = { ...place, ...values({ a: Array.from({ length: 9 }, () => 'x'.repeat(40_000)) }) };
    const rest = Array.from({ length: 9 }, () => ({ ...place, ...deleted(1) }));
    expect(
      test.submit(craft([{ client: bensNewClient, clock: 0, structs: [wide, ...rest] }]), ben),
    ).toMatchObject({
      ok: false,
      error: { code: 'limit' },
    });
  });
});

describe('a copy that lost nothing but endings', () => {
  it('[GATE6] others’ endings that the log lacks are passed over in a sync, and their own sender’s are taken', () => {
    const circle = readingCircle();
    const key = [...circle.test.gate.doc.getMap('reactions').keys()].find((one) => one.endsWith('a')) ?? '';
    const annas = new Peer(circle.test.book.owner(annasClient) ?? '', annasClient, circle.state);
    annas.map('reactions').delete(key);
    const bens = new Peer(ben, bensNewClient, annas.state());
    for (const update of [bens.state(circle.test.stateVector), bens.state()])
      expect(circle.test.take(update, ben, { sync: {} }).update).toBeNull();
    expect(circle.test.gate.doc.getMap('reactions').has(key)).toBe(true);
    // And his own words beside them are stored.
    const id = uuid();
    bens.map('comments').set(id, comment(ben, circle.annas));
    circle.test.take(bens.state(circle.test.stateVector), ben, { sync: {} });
    expect(circle.test.get('comments', id)?.author).toBe(ben);
    circle.test.take(annas.state(circle.test.stateVector), annas.person, { sync: {} });
    expect(circle.test.gate.doc.getMap('reactions').has(key)).toBe(false);
  });
});
