import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { privateRights } from '#core/roles.js';
import { craft, deleted, values, type CraftedStruct } from '../support/craft.js';
import {
  annotation,
  ben,
  comment,
  contentRoom,
  eda,
  GateUnderTest,
  now,
  Peer,
  signed,
  uuid,
} from '../support/peers.js';
import { bensNewClient, readingCircle } from '../support/reading-circle.js';

/** Milliseconds of one call; generous bounds, as the machine may be busy. */
function timed<T>(act: () => T): { ms: number; result: T } {
  const started = performance.now();
  const result = act();
  return { ms: performance.now() - started, result };
}

describe('an old room', () => {
  /** A self room, whose marks are small, with 15,000 past client ids and 105,000 ended ranges. */
  function oldRoom(): GateUnderTest {
    const sections = Array.from({ length: 15_000 }, (_, i) => ({
      client: 1_000 + i,
      clock: 0,
      structs: Array.from({ length: 14 }, (_, j): CraftedStruct => ({
        root: 'seen',
        key: `${i} ${j}`,
        ...(j % 2 ? values(1) : deleted(1)),
      })),
    }));
    return new GateUnderTest({
      room: { kind: 'self', id: ben },
      state: craft(sections),
      owners: sections.map(({ client }) => [client, ben] as const),
    });
  }

  it('[GATE3, B8, S20] an up-to-date copy is a no-op, whole or as a step 2, and quick', () => {
    const test = oldRoom();
    const me = { id: ben, rights: privateRights, now };
    const peer = test.peer(ben, 5);
    const step2 = peer.state(test.stateVector);
    const decoded = Y.decodeUpdate(step2);
    let ranges = 0;
    for (const client of decoded.ds.clients.values()) ranges += client.length;
    expect([decoded.structs.length, ranges]).toEqual([0, 105_000]);
    const whole = peer.state();
    const synced = timed(() => test.take(step2, me, { sync: {} }));
    const sent = timed(() => test.take(whole, me));
    expect([synced.result.update, sent.result.update]).toEqual([null, null]);
    expect(synced.ms).toBeLessThan(1000);
    expect(sent.ms).toBeLessThan(2000);
    // And what is new beside all that is found: one mark more than such a room may hold.
    peer.doc.getMap('seen').set(uuid(), 1);
    expect(test.submit(peer.state(), me)).toMatchObject({ error: { code: 'limit' } });
  });
});

describe('bytes', () => {
  it('[GATE13, B8] an update may have 16 MiB more than the room took', () => {
    const test = new GateUnderTest();
    const code = (size: number): string => {
      const result = test.submit(new Uint8Array(size).fill(255), ben);
      return result.ok ? 'ok' : result.error.code;
    };
    const most = 16 << 20;
    expect(code(most)).toBe('malformed');
    expect(code(most + 1)).toBe('limit');
    const few = craft([]);
    test.gate.follow(Array.from({ length: 10 }, () => few));
    expect(code(most + 10 * few.length)).toBe('malformed');
    expect(code(most + 10 * few.length + 1)).toBe('limit');
  });

  it('[GATE13] three thousand comments made offline are taken in one', () => {
    const { test, annas } = readingCircle();
    const peer = new Peer(ben, bensNewClient, test.state);
    for (let i = 0; i < 1500; i++)
      peer.map('comments').set(uuid(), comment(ben, annas, { body: 'x'.repeat(100) }));
    expect(test.submit(peer.state(), ben)).toMatchObject({ ok: true });
  });
});

describe('conflicts', () => {
  const status = { state: 'open', ...signed(ben) };
  const many = 9_000;

  it('[GATE17] what would keep Yjs walking to and fro is refused, and quickly', () => {
    const chain = (client: number, key: string): CraftedStruct[] =>
      Array.from({ length: many }, (_, i): CraftedStruct => ({
        ...(i === 0 ? { root: 'status', key } : { origin: [client, i - 1] as const }),
        ...deleted(1),
      }));
    const under = (client: number, structs: CraftedStruct[]) => ({ client, clock: 0, structs });
    const branches = (from: (i: number) => number): ReturnType<typeof under> =>
      under(
        90,
        Array.from({ length: many }, (_, i) => ({ origin: [30, from(i)] as const, ...deleted(1) })),
      );
    const first = (i: number): number => i;
    const last = (i: number): number => many - 1 - i;
    const hostile: ((key: string) => Uint8Array)[] = [
      // All at the beginning of one key.
      (key) =>
        craft([
          under(
            30,
            Array.from({ length: many }, () => ({ root: 'status', key, ...deleted(1) })),
          ),
        ]),
      // A chain, and others that branch off from each of its links: in its order, and from its end.
      (key) => craft([branches(first), under(30, chain(30, key))]),
      (key) => craft([branches(last), under(30, chain(30, key))]),
      // One run, and others that branch off from within.
      (key) => craft([branches(last), under(30, [{ root: 'status', key, ...deleted(many) }])]),
    ];
    for (const make of hostile) {
      const { test, annas } = readingCircle();
      const { ms, result } = timed(() => test.submit(make(annas), ben));
      expect(result).toMatchObject({ error: { code: 'limit' } });
      expect(ms).toBeLessThan(2000);
    }
  });

  it('[GATE17] also one by one, against a key that has a long history', () => {
    const { test, annas } = readingCircle();
    // Two keys in turn, so that the history does not run together.
    const [other] = [uuid()];
    test.take(
      new Peer(ben, 31).do((peer) => peer.map('annotations').set(other, annotation(ben))),
      ben,
    );
    for (let round = 0; round < 3; round++) {
      const client = 1000 + round;
      const peer = test.peer(ben, client);
      for (let i = 0; i < many; i++)
        peer.map('status').set(i % 2 ? annas : other, { state: 'open', by: ben, at: i });
      test.take(peer.state(test.stateVector), ben);
    }
    const late = (count: number, client: number): Uint8Array =>
      craft([
        {
          client,
          clock: 0,
          structs: Array.from({ length: count }, () => ({ root: 'status', key: annas, ...values(status) })),
        },
      ]);
    expect(test.submit(late(1, 32), ben)).toMatchObject({ ok: true });
    expect(test.submit(late(30, 33), ben)).toMatchObject({ error: { code: 'limit' } });
  });

  it('[GATE17] in a text too', () => {
    const letters = (origin: (i: number) => readonly [number, number] | null): CraftedStruct[] =>
      Array.from({ length: many }, (_, i): CraftedStruct => {
        const left = origin(i);
        return { ...(left ? { origin: left } : { root: 'content' }), ...deleted(1) };
      });
    for (const sections of [
      [{ client: 30, clock: 0, structs: letters(() => null) }],
      [
        { client: 90, clock: 0, structs: letters((i) => [30, many - 1 - i]) },
        { client: 30, clock: 0, structs: letters((i) => (i ? [30, i - 1] : null)) },
      ],
    ]) {
      const test = new GateUnderTest({ room: contentRoom });
      expect(test.submit(craft(sections), eda)).toMatchObject({ error: { code: 'limit' } });
    }
  });

  it('[GATE17] honest work conflicts as much as it likes: two devices offline, at the same keys', () => {
    const test = new GateUnderTest();
    const ids = Array.from({ length: 1500 }, uuid);
    const first = new Peer(ben, 5);
    first.doc.transact(() => ids.forEach((id) => first.map('annotations').set(id, annotation(ben))));
    test.take(first.state(), ben);
    const [laptop, phone] = [test.peer(ben, 6), test.peer(ben, 7)];
    for (const peer of [laptop, phone])
      for (let i = 0; i < 3; i++)
        for (const id of ids) peer.map('status').set(id, { state: 'open', by: ben, at: i });
    laptop.receive(phone.state());
    expect(test.submit(laptop.state(test.stateVector), ben)).toMatchObject({ ok: true });
  });

  it('[GATE17] and in a text: two copies written into at the same place, again and again from the front', () => {
    const test = new GateUnderTest({ room: contentRoom });
    test.gate.edit((doc) => doc.getText('content').insert(0, 'Once upon a time. '.repeat(500)));
    const [laptop, phone] = [test.peer(eda, 6), test.peer(eda, 7)];
    for (const peer of [laptop, phone])
      for (let i = 0; i < 150; i++) {
        const text = peer.doc.getText('content');
        text.insert(9, `${i},`);
        text.insert(i * 5 + 20, 'x');
        if (i % 3 === 0) text.format(i * 5, 40, { bold: true });
      }
    test.take(phone.state(test.stateVector), eda);
    expect(test.submit(laptop.state(test.stateVector), eda)).toMatchObject({ ok: true });
    laptop.receive(phone.state());
    const merged = new GateUnderTest({ room: contentRoom, serverClient: 3 });
    expect(merged.take(laptop.state(), eda).update).not.toBeNull();
  });
});
