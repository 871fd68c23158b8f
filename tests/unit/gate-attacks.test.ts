import * as encoding from 'lib0/encoding';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { RefusalCode } from '#core/result.js';
import {
  content,
  craft,
  deleted,
  embed,
  format,
  gcStruct,
  nestedType,
  rawObject,
  rawValue,
  skipStruct,
  string,
  values,
  type CraftedEndings,
  type CraftedStruct,
} from '../support/craft.js';
import { anna, annotation, ben, comment, mo, Peer, sameBytes, signed, uuid } from '../support/peers.js';
import {
  annasClient,
  bensClient,
  bensNewClient,
  heart,
  readingCircle,
  strangeClient,
  thumb,
  type Circle,
} from '../support/reading-circle.js';

/** Hand-made structs under a new client id of Ben's. */
const bensStructs = (structs: readonly CraftedStruct[], endings: CraftedEndings = []): Uint8Array =>
  craft([{ client: bensNewClient, clock: 0, structs }], endings);
/** The place of a new annotation. */
const fresh = (): { root: string; key: string } => ({ root: 'annotations', key: uuid() });
const badly = (value: object): never => value as never;

type Send = (circle: Circle) => Uint8Array;
type Case = [name: string, update: Send, by?: string];

function check(circle: Circle, update: Uint8Array, by: string) {
  const result = circle.test.submit(update, by);
  const { pendingStructs, pendingDs } = circle.test.gate.doc.store;
  expect([pendingStructs, pendingDs], 'nothing waits inside the document').toEqual([null, null]);
  return result;
}

describe('what people do is taken, and reaches others as it is', () => {
  const cases: Case[] = [
    ['an annotation', (c) => c.ben((p) => p.map('annotations').set(uuid(), annotation(ben)))],
    [
      "a comment on another's annotation",
      (c) => c.ben((p) => p.map('comments').set(uuid(), comment(ben, c.annas))),
    ],
    [
      'an edit of an own comment',
      (c) => c.ben((p) => p.change('comments', c.bensComment, { body: 'new', edited: 5 })),
    ],
    [
      "the status of another's annotation",
      (c) => c.ben((p) => p.map('status').set(c.annas, { state: 'resolved', ...signed(ben) })),
    ],
    ['a reaction', (c) => c.ben((p) => p.map('reactions').set(`${c.annasComment} ${heart} ${ben}`, true))],
    [
      'a reaction taken back',
      (c) => c.ben((p) => p.map('reactions').delete(`${c.annasComment} ${thumb} ${ben}`)),
    ],
    [
      'a reaction put and taken back offline',
      (c) => {
        const peer = new Peer(ben, bensNewClient, c.state);
        peer.map('reactions').set(`${c.annasComment} ${heart} ${ben}`, true);
        peer.map('reactions').delete(`${c.annasComment} ${heart} ${ben}`);
        return peer.state();
      },
    ],
    [
      'the removal of an own annotation to which others replied',
      (c) => c.ben((p) => p.map('removed').set(c.bens, signed(ben))),
    ],
    ["a moderator's removal", (c) => c.mo((p) => p.map('removed').set(c.annas, signed(mo))), mo],
    [
      'annotation, comment and edits made offline, sent with the whole copy',
      (c) => {
        const peer = new Peer(ben, bensNewClient, c.state);
        const [id, reply] = [uuid(), uuid()];
        peer.map('annotations').set(id, annotation(ben));
        peer.map('comments').set(reply, comment(ben, id));
        peer.change('annotations', id, { color: 'moss' });
        peer.change('annotations', id, { color: 'sky' });
        peer.change('comments', reply, { body: 'better words' });
        return peer.state();
      },
    ],
    [
      'work of three earlier client ids that were never online',
      (c) => {
        const [id, reply] = [uuid(), uuid()];
        let { state } = c;
        for (const client of [33, 31, 32]) {
          const peer = new Peer(ben, client, state);
          if (client === 33) {
            peer.map('annotations').set(id, annotation(ben));
            peer.map('comments').set(reply, comment(ben, id));
          } else peer.change('comments', reply, { body: `from ${client}` });
          state = peer.state();
        }
        return state;
      },
    ],
  ];

  it.each(cases)('[GATE2] %s', (_name, send, by = ben) => {
    const circle = readingCircle();
    const result = check(circle, send(circle), by);
    if (!result.ok || !result.value.update) return expect.fail(`not taken: ${JSON.stringify(result)}`);
    const reader = new Peer(anna, 99, circle.state);
    reader.receive(result.value.update);
    expect(sameBytes(reader.state(), circle.test.state)).toBe(true);
  });

  const known: Case[] = [
    ['what is known', (c) => c.state],
    ['nothing', () => craft([])],
    [
      "Anna's first clock with other content",
      () => craft([{ client: annasClient, clock: 0, structs: [{ ...fresh(), ...values(annotation(ben)) }] }]),
    ],
  ];
  it.each(known)('[GATE3] %s changes nothing, and is no fault', (_name, send) => {
    const circle = readingCircle();
    expect(check(circle, send(circle), ben)).toMatchObject({ ok: true, value: { update: null } });
    expect(sameBytes(circle.state, circle.test.state)).toBe(true);
  });

  it("[GATE2] a known struct with other content, beside something new of one's own, reaches nobody", () => {
    const circle = readingCircle();
    const forged = {
      root: 'comments',
      key: circle.annasComment,
      ...values(comment(anna, circle.annas, { body: 'forged' })),
    };
    const { update } = circle.test.take(
      craft([
        { client: bensNewClient, clock: 0, structs: [{ ...fresh(), ...values(annotation(ben)) }] },
        { client: annasClient, clock: 0, structs: [forged] },
      ]),
      ben,
    );
    const clients = Y.decodeUpdate(update ?? craft([])).structs.map(({ id }) => id.client);
    expect(clients).toEqual([bensNewClient]);
    expect(circle.test.get('comments', circle.annasComment)?.body).toBe('words');
  });
});

describe('what is refused changes nothing', () => {
  const refused = (code: RefusalCode, rule: string, cases: Case[]): void => {
    it.each(cases)(`[${rule}] %s: ${code}`, (_name, send, by = ben) => {
      const circle = readingCircle();
      const result = check(circle, send(circle), by);
      expect(result.ok ? 'taken' : result.error.code).toBe(code);
      expect(sameBytes(circle.state, circle.test.state)).toBe(true);
    });
  };
  const set =
    (map: 'annotations' | 'comments', value: (c: Circle) => object): Send =>
    (c) =>
      c.ben((p) => p.doc.getMap(map).set(uuid(), value(c)));

  refused('author', 'GATE7', [
    ["an annotation in another's name", set('annotations', () => annotation(anna))],
    ["a comment in another's name", set('comments', (c) => comment(anna, c.annas))],
    [
      "a status in another's name",
      (c) => c.ben((p) => p.map('status').set(c.annas, { state: 'resolved', ...signed(anna) })),
    ],
    [
      "an edit of another's comment",
      (c) => c.ben((p) => p.change('comments', c.annasComment, { body: 'hacked' })),
    ],
    ['an own comment given away', (c) => c.ben((p) => p.change('comments', c.bensComment, { author: anna }))],
    [
      "an own annotation beside an edit of another's comment",
      (c) =>
        c.ben((p) => {
          p.map('annotations').set(uuid(), annotation(ben));
          p.change('comments', c.annasComment, { body: '!' });
        }),
    ],
  ]);

  refused('owner', 'GATE8', [
    [
      "another's comment taken over",
      (c) => c.ben((p) => p.change('comments', c.annasComment, { author: ben })),
    ],
    ["the removal of another's annotation", (c) => c.ben((p) => p.map('removed').set(c.annas, signed(ben)))],
    [
      "another's reaction taken away",
      (c) => c.ben((p) => p.map('reactions').delete(`${c.annasComment} ${thumb} ${anna}`)),
    ],
    [
      "a reaction in another's name",
      (c) => c.ben((p) => p.map('reactions').set(`${c.annasComment} ${heart} ${anna}`, true)),
    ],
    [
      "a struct after another's, which lends it its key",
      (c) => bensStructs([{ origin: c.at('comments', c.annasComment), ...values(comment(ben, c.annas)) }]),
    ],
    [
      "another's key written as if nobody had",
      (c) => bensStructs([{ root: 'comments', key: c.annasComment, ...values(comment(ben, c.annas)) }]),
    ],
    [
      "deleted content after another's annotation, which ends it without ending anything",
      (c) => bensStructs([{ origin: c.at('annotations', c.annas), ...deleted(1) }]),
    ],
  ]);

  refused('fixed', 'GATE9', [
    ['another time of making', (c) => c.ben((p) => p.change('comments', c.bensComment, { created: 5 }))],
    ['another annotation', (c) => c.ben((p) => p.change('comments', c.bensComment, { annotation: c.bens }))],
    [
      'a quote that was not there',
      (c) => c.ben((p) => p.change('comments', c.bensComment, { quote: 'words' })),
    ],
    [
      'a parent that was not there',
      (c) => c.ben((p) => p.change('comments', c.bensComment, { parent: c.annasComment })),
    ],
    ['another target', (c) => c.ben((p) => p.change('annotations', c.bens, { target: null }))],
  ]);

  refused('removal', 'GATE10', [
    ["another's annotation taken out", (c) => c.ben((p) => p.map('annotations').delete(c.annas))],
    ['an own annotation taken out', (c) => c.ben((p) => p.map('annotations').delete(c.bens))],
    [
      "an own annotation beside the end of another's",
      (c) => {
        const [client, clock] = c.at('annotations', c.annas);
        return bensStructs([{ ...fresh(), ...values(annotation(ben)) }], [[client, [[clock, 1]]]]);
      },
    ],
    [
      "nothing but the end of another's comment",
      (c) => {
        const [client, clock] = c.at('comments', c.annasComment);
        return craft([], [[client, [[clock, 1]]]]);
      },
    ],
    ['the end of all that Anna wrote', (c) => craft([], [[annasClient, [[0, c.next(annasClient)]]]])],
  ]);

  refused('type', 'GATE11', [
    ['a nested map', (c) => c.ben((p) => p.doc.getMap('annotations').set(uuid(), new Y.Map([['evil', 1]])))],
    ['a string', () => bensStructs([{ ...fresh(), ...string('hello') }])],
    ['an embed', () => bensStructs([{ ...fresh(), ...embed('{}') }])],
    ['a format', () => bensStructs([{ ...fresh(), ...format('bold', 'true') }])],
    [
      'JSON content',
      () =>
        bensStructs([
          {
            ...fresh(),
            ...content(2, (w) => {
              encoding.writeVarUint(w, 1);
              encoding.writeVarString(w, JSON.stringify(annotation(ben, { target: null })));
            }),
          },
        ]),
    ],
    [
      'binary content',
      () =>
        bensStructs([
          { ...fresh(), ...content(3, (w) => encoding.writeVarUint8Array(w, new Uint8Array(3))) },
        ]),
    ],
    ['a subdocument', (c) => c.ben((p) => p.doc.getMap('annotations').set(uuid(), new Y.Doc()))],
    [
      'several values in one',
      () => bensStructs([{ ...fresh(), ...values(annotation(ben), annotation(ben)) }]),
    ],
    ['a bigint', () => bensStructs([{ ...fresh(), ...values({ ...annotation(ben), target: 5n }) }])],
    ['undefined', () => bensStructs([{ ...fresh(), ...values({ ...annotation(ben), target: undefined }) }])],
    ['content that Yjs does not know', () => bensStructs([{ ...fresh(), ...content(17, () => undefined) }])],
    ...[0, 1, 2, 3, 4, 5, 6].map((number): Case => [
      `a nested Y type ${number}`,
      () => bensStructs([{ ...fresh(), ...nestedType(number) }]),
    ]),
    ['a collected struct', () => bensStructs([gcStruct(3)])],
    [
      "a collected struct under Anna's client id",
      (c) => craft([{ client: annasClient, clock: c.next(annasClient), structs: [gcStruct(1000)] }]),
    ],
    [
      'a skip with bits that only some decoders look at',
      () => bensStructs([{ ...skipStruct(3), info: 0xca }]),
    ],
  ]);

  refused('path', 'GATE12', [
    [
      "a right neighbour of another's",
      (c) => bensStructs([{ right: c.at('comments', c.annasComment), ...values(comment(ben, c.annas)) }]),
    ],
    [
      "an own origin and a right neighbour of another's",
      (c) =>
        bensStructs([
          {
            origin: c.at('comments', c.bensComment),
            right: c.at('comments', c.annasComment),
            ...values(comment(ben, c.annas)),
          },
        ]),
    ],
    [
      "a parent that is another's plain value",
      (c) => bensStructs([{ parent: c.at('annotations', c.annas), key: 'author', ...values(ben) }]),
    ],
    ['another root', (c) => c.ben((p) => p.doc.getMap('foo').set('a', 1))],
    ['the root __proto__', () => bensStructs([{ root: '__proto__', key: 'x', ...values(1) }])],
    ['the root content', () => bensStructs([{ root: 'content', key: 'x', ...values(1) }])],
    [
      'an item in the list of a map',
      () => bensStructs([{ root: 'annotations', ...values(annotation(ben)) }]),
    ],
    [
      'an origin that is itself',
      () => bensStructs([{ origin: [bensNewClient, 0], ...values(annotation(ben)) }]),
    ],
    [
      'origins of two clients in a circle',
      () =>
        craft([
          {
            client: 31,
            clock: 0,
            structs: [{ origin: [30, 0], right: [30, 0], ...values(annotation(ben)) }],
          },
          {
            client: 30,
            clock: 0,
            structs: [{ origin: [31, 0], right: [31, 0], ...values(annotation(ben)) }],
          },
        ]),
    ],
    [
      'a run that begins in a known struct of another key',
      (c) =>
        craft([
          {
            client: bensClient,
            clock: c.next(bensClient) - 1,
            structs: [{ root: 'annotations', key: c.bens, ...deleted(3) }],
          },
        ]),
    ],
  ]);

  refused('shape', 'ENTRY1', [
    ['an unknown field', set('annotations', () => annotation(ben, badly({ admin: true })))],
    [
      'a field that is missing',
      set('annotations', () => {
        const { color: _color, ...rest } = annotation(ben);
        return rest;
      }),
    ],
    [
      'a field of the wrong type',
      set('comments', (c) => comment(ben, c.annas, badly({ body: { toString: 1 } }))),
    ],
    [
      'a body of more than 10,000',
      set('comments', (c) => comment(ben, c.annas, { body: 'x'.repeat(10_001) })),
    ],
    [
      'a hundred thousand tags that are null',
      () =>
        bensStructs([{ ...fresh(), ...values(annotation(ben, badly({ tags: Array(30_000).fill(null) }))) }]),
    ],
    [
      'the key __proto__',
      () => bensStructs([{ root: 'annotations', key: '__proto__', ...values(annotation(ben)) }]),
    ],
    [
      'the key constructor',
      (c) => bensStructs([{ root: 'comments', key: 'constructor', ...values(comment(ben, c.annas)) }]),
    ],
    ['a field __proto__', () => bensStructs([{ ...fresh(), ...rawObject(['__proto__', { author: ben }]) }])],
    [
      'a field twice',
      () => bensStructs([{ ...fresh(), ...rawObject(['author', anna], ...Object.entries(annotation(ben))) }]),
    ],
  ]);

  refused('client', 'GATE5', [
    [
      "Anna's client id with the next clock",
      (c) =>
        craft([
          {
            client: annasClient,
            clock: c.next(annasClient),
            structs: [{ ...fresh(), ...values(annotation(ben)) }],
          },
        ]),
    ],
    [
      "the server's own client id",
      () =>
        craft([{ client: 4_000_000_001, clock: 0, structs: [{ ...fresh(), ...values(annotation(ben)) }] }]),
    ],
  ]);

  refused('behind', 'GATE4', [
    [
      'a clock too far',
      () =>
        craft([{ client: bensNewClient, clock: 5, structs: [{ ...fresh(), ...values(annotation(ben)) }] }]),
    ],
    [
      'an origin that nobody has',
      () => bensStructs([{ origin: [strangeClient, 3], ...values(annotation(ben)) }]),
    ],
    ['the end of what nobody has', () => craft([], [[strangeClient, [[0, 5]]]])],
    [
      'the end of what Anna has not written yet',
      (c) => craft([], [[annasClient, [[c.next(annasClient), 50]]]]),
    ],
    ['a comment on an annotation that is not here', set('comments', () => comment(ben, uuid()))],
    [
      'a skip, and something after it',
      () => bensStructs([skipStruct(3), { ...fresh(), ...values(annotation(ben)) }]),
    ],
    ['deleted content of an entry that is not here', () => bensStructs([{ ...fresh(), ...deleted(1) }])],
  ]);

  refused('malformed', 'GATE13', [
    [
      'one client id twice, once with what is forged',
      (c) =>
        craft([
          { client: bensNewClient, clock: 0, structs: [{ ...fresh(), ...values(annotation(ben)) }] },
          {
            client: bensNewClient,
            clock: 0,
            structs: [{ root: 'comments', key: c.annasComment, ...values(comment(anna, c.annas)) }],
          },
        ]),
    ],
    [
      'one client id twice',
      () =>
        craft([
          { client: bensNewClient, clock: 0, structs: [{ ...fresh(), ...values(annotation(ben)) }] },
          { client: bensNewClient, clock: 0, structs: [{ ...fresh(), ...values(annotation(ben)) }] },
        ]),
    ],
    [
      'ended ranges over each other',
      () =>
        craft(
          [],
          [
            [
              bensClient,
              [
                [0, 1],
                [0, 1],
                [0, 1],
              ],
            ],
          ],
        ),
    ],
    [
      'the ends of one client id twice',
      () =>
        craft(
          [],
          [
            [bensClient, [[0, 1]]],
            [bensClient, [[1, 1]]],
          ],
        ),
    ],
    [
      'a truncated update',
      (c) => c.ben((p) => p.map('annotations').set(uuid(), annotation(ben))).slice(0, -7),
    ],
    [
      'trailing bytes',
      (c) => Uint8Array.of(...c.ben((p) => p.map('annotations').set(uuid(), annotation(ben))), 1, 2),
    ],
  ]);

  refused('limit', 'GATE13', [
    [
      'a thousand million structs announced',
      () => craft([{ client: bensNewClient, clock: 0, announced: 1e9, structs: [] }]),
    ],
    [
      'thirty million structs announced',
      () => craft([{ client: bensNewClient, clock: 0, announced: 3e7, structs: [] }]),
    ],
    [
      'an array of 2^50 announced',
      () =>
        bensStructs([
          {
            ...fresh(),
            ...rawValue((w) => {
              encoding.writeUint8(w, 117);
              encoding.writeVarUint(w, 2 ** 50);
            }),
          },
        ]),
    ],
    [
      'arrays a hundred thousand deep',
      () =>
        bensStructs([
          {
            ...fresh(),
            ...rawValue((w) => {
              for (let i = 0; i < 100_000; i++) {
                encoding.writeUint8(w, 117);
                encoding.writeVarUint(w, 1);
              }
              encoding.writeUint8(w, 126);
            }),
          },
        ]),
    ],
    [
      'an array of a hundred thousand',
      () => bensStructs([{ ...fresh(), ...values(Array(100_000).fill(null)) }]),
    ],
    [
      'a clock of 2^52',
      () =>
        craft([
          { client: bensNewClient, clock: 2 ** 52, structs: [{ ...fresh(), ...values(annotation(ben)) }] },
        ]),
    ],
    ['deleted content of 2^52', () => bensStructs([{ ...fresh(), ...deleted(2 ** 52) }])],
    ['seventeen megabytes', () => new Uint8Array(17 << 20)],
  ]);

  it('[GATE13] a V2 update is not read', () => {
    const circle = readingCircle();
    const peer = new Peer(ben, bensNewClient, circle.state);
    peer.map('annotations').set(uuid(), annotation(ben));
    expect(circle.test.submit(Y.encodeStateAsUpdateV2(peer.doc), ben)).toMatchObject({ ok: false });
    expect(sameBytes(circle.state, circle.test.state)).toBe(true);
  });

  it('[GATE1] a refusal is quick, whatever was announced', () => {
    const circle = readingCircle();
    const started = performance.now();
    for (const announced of [1e9, 3e7])
      circle.test.submit(craft([{ client: bensNewClient, clock: 0, announced, structs: [] }]), ben);
    expect(performance.now() - started).toBeLessThan(100);
  });
});

describe('what only shows once Yjs has applied it', () => {
  const cases: Case[] = [
    [
      'deleted content after an own annotation',
      (c) => bensStructs([{ origin: c.at('annotations', c.bens), ...deleted(1) }]),
    ],
    [
      'a value and then deleted content under an own key',
      () =>
        bensStructs([
          { ...fresh(), ...values(annotation(ben)) },
          { origin: [bensNewClient, 0], ...deleted(1) },
        ]),
    ],
    [
      'a new value of an own key that is ended at once',
      (c) =>
        bensStructs(
          [{ origin: c.at('annotations', c.bens), ...values(c.test.get('annotations', c.bens)) }],
          [[bensNewClient, [[0, 1]]]],
        ),
    ],
  ];
  it.each(cases)('[GATE14] %s: the room must be rebuilt, and nothing goes out', (_name, send) => {
    const circle = readingCircle();
    expect(circle.test.submit(send(circle), ben)).toMatchObject({ ok: false, error: { code: 'integrity' } });
    expect(() => circle.test.submit(circle.state, ben)).toThrow('rebuilt');
    expect(circle.test.book.owner(bensNewClient)).toBeUndefined();
  });
});
