import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  layerMaps,
  limits,
  type JsonObject,
  type LayerEntries,
  type LayerMap,
  type Target,
} from '#core/entries.js';
import { decodePosition, encodePosition } from '#core/position.js';
import { roles, type Role } from '#core/roles.js';
import { layerRules, parseReaction } from '#core/rules.js';
import { craft, values } from '../support/craft.js';
import {
  anna,
  annotation,
  ben,
  comment,
  eda,
  mo,
  now,
  Peer,
  signed,
  target,
  uuid,
  vera,
  sameBytes,
  writer,
} from '../support/peers.js';
import { bensNewClient, heart, readingCircle, thumb, type Circle } from '../support/reading-circle.js';

type AnyEntry = { [M in LayerMap]: [map: M, key: string, value: LayerEntries[M]] }[LayerMap];

let nextClient = 1000;

/** What becomes of one entry that `person` writes from a new copy of the room: `ok` or the code. */
function write(circle: Circle, person: string, ...[map, key, value]: AnyEntry): string {
  return send(circle, person, (peer) => peer.doc.getMap(map).set(key, value));
}
function send(circle: Circle, person: string, act: (peer: Peer) => void): string {
  const peer = new Peer(person, nextClient++, circle.test.state);
  const result = circle.test.submit(peer.do(act), person);
  return result.ok ? 'ok' : result.error.code;
}
const badly = (value: unknown): never => value as never;

describe('who may write which map', () => {
  const entries: { [M in LayerMap]: (c: Circle, by: string) => [key: string, value: LayerEntries[M]] } = {
    annotations: (_c, by) => [uuid(), annotation(by)],
    comments: (c, by) => [uuid(), comment(by, c.annas)],
    status: (c, by) => [c.annas, { state: 'open', ...signed(by) }],
    decisions: (c, by) => [c.annas, { state: 'accepted', ...signed(by) }],
    moved: (c, by) => [c.annas, { target: target(), ...signed(by) }],
    assigned: (c, by) => [c.annas, { to: anna, due: now + 1e10, ...signed(by) }],
    hidden: (c, by) => [c.annasComment, { state: 'hidden', reason: 'spoils the end', ...signed(by) }],
    reactions: (c, by) => [`${c.annasComment} ${heart} ${by}`, true],
    removed: (c, by) => [c.annasComment, signed(by)],
  };
  const everyone = ['owner', 'moderator', 'editor', 'reader'];
  const mayWrite: Record<LayerMap, string[]> = {
    annotations: everyone,
    comments: everyone,
    status: everyone,
    decisions: ['owner', 'editor'],
    moved: ['owner', 'moderator', 'editor'],
    assigned: everyone,
    hidden: ['owner', 'moderator'],
    reactions: everyone,
    removed: ['owner', 'moderator'],
  };
  it.each(layerMaps)(
    '[GATE18, S13] `%s` of what Anna wrote is written by whom the matrix of roles lets',
    (map) => {
      const taken = roles.filter((role: Role) => {
        const circle = readingCircle();
        const [key, value] = entries[map](circle, ben);
        const update = circle.ben((peer) => peer.doc.getMap(map).set(key, value));
        return circle.test.submit(update, writer(ben, role)).ok;
      });
      expect(taken.sort()).toEqual(mayWrite[map].sort());
    },
  );

  it('[GATE18, S12] who may not decide does not open again what an editor has decided, nor by its status', () => {
    const circle = readingCircle();
    expect(write(circle, eda, 'decisions', circle.annas, { state: 'accepted', ...signed(eda) })).toBe('ok');
    expect(write(circle, ben, 'decisions', circle.annas, { state: 'open', ...signed(ben) })).toBe('role');
    expect(write(circle, ben, 'status', circle.annas, { state: 'open', ...signed(ben) })).toBe('ok');
    expect(circle.test.get('decisions', circle.annas)).toMatchObject({ state: 'accepted', by: eda });
  });

  it('[GATE18] a viewer writes nothing, and takes nothing back', () => {
    const circle = readingCircle();
    const viewer = writer(ben, 'viewer');
    const taken = circle.ben((peer) =>
      peer.map('reactions').delete(`${circle.annasComment} ${thumb} ${ben}`),
    );
    expect(circle.test.submit(taken, viewer)).toMatchObject({ error: { code: 'role' } });
    expect(circle.test.submit(circle.state, viewer)).toMatchObject({ ok: true, value: { update: null } });
  });

  it('[GATE18] the author moves and removes what is his, whatever his role', () => {
    const circle = readingCircle();
    expect(write(circle, ben, 'moved', circle.bens, { target: target(), ...signed(ben) })).toBe('ok');
    expect(write(circle, ben, 'moved', circle.annas, { target: target(), ...signed(ben) })).toBe('owner');
    expect(write(circle, eda, 'moved', circle.annas, { target: target(), ...signed(eda) })).toBe('ok');
    expect(write(circle, ben, 'removed', circle.bensComment, signed(ben))).toBe('ok');
    expect(write(circle, ben, 'removed', circle.annasComment, signed(ben))).toBe('owner');
  });

  it('[GATE7] every mark is signed by its writer', () => {
    const circle = readingCircle();
    expect(write(circle, ben, 'assigned', circle.annas, { to: null, ...signed(anna) })).toBe('author');
    expect(write(circle, eda, 'decisions', circle.annas, { state: 'accepted', ...signed(ben) })).toBe(
      'author',
    );
    expect(write(circle, mo, 'hidden', circle.annas, { state: 'shown', ...signed(anna) })).toBe('author');
    expect(write(circle, mo, 'removed', circle.annas, signed(anna))).toBe('author');
    expect(write(circle, eda, 'moved', circle.annas, { target: target(), ...signed(anna) })).toBe('author');
  });
});

describe('ids', () => {
  it("[ENTRY2, B4] an annotation never takes a comment's id, nor a comment an annotation's", () => {
    const circle = readingCircle();
    expect(write(circle, ben, 'annotations', circle.annasComment, annotation(ben))).toBe('reference');
    expect(write(circle, ben, 'comments', circle.annas, comment(ben, circle.annas))).toBe('reference');
    // What the collision would have been good for: speaking for Anna's words.
    expect(write(circle, ben, 'removed', circle.annasComment, signed(ben))).toBe('owner');
  });

  it('[ENTRY2] nor do both within one update, in either order', () => {
    for (const first of ['annotations', 'comments'] as const) {
      const circle = readingCircle();
      const id = uuid();
      const update = circle.ben((peer) => {
        if (first === 'annotations') peer.map('annotations').set(id, annotation(ben));
        peer.map('comments').set(id, comment(ben, circle.annas));
        peer.map('annotations').set(id, annotation(ben));
      });
      expect(circle.test.submit(update, ben)).toMatchObject({ error: { code: 'reference' } });
    }
  });

  it('[ENTRY2] across layers nothing is assumed: the same id may name other things there', () => {
    const [here, there] = [readingCircle(), readingCircle()];
    expect(write(there, ben, 'annotations', here.annasComment, annotation(ben))).toBe('ok');
  });

  it.each(['', 'x', '01900000-0000-7000-8000-00000000000A', '01900000000070008000000000000001'])(
    '[ENTRY1] %j is no id',
    (key) => {
      const circle = readingCircle();
      expect(write(circle, ben, 'annotations', key, annotation(ben))).toBe('shape');
      expect(write(circle, ben, 'comments', key, comment(ben, circle.annas))).toBe('shape');
      expect(write(circle, ben, 'status', key, { state: 'open', ...signed(ben) })).toBe('shape');
      expect(write(circle, mo, 'removed', key, signed(mo))).toBe('shape');
    },
  );

  it('[ENTRY3] a mark is about an annotation, and about a comment only where comments have it', () => {
    const circle = readingCircle();
    const about = circle.annasComment;
    expect(write(circle, ben, 'status', about, { state: 'open', ...signed(ben) })).toBe('reference');
    expect(write(circle, eda, 'decisions', about, { state: 'open', ...signed(eda) })).toBe('reference');
    expect(write(circle, eda, 'moved', about, { target: target(), ...signed(eda) })).toBe('reference');
    expect(write(circle, ben, 'assigned', about, { to: ben, ...signed(ben) })).toBe('reference');
    expect(write(circle, ben, 'comments', uuid(), comment(ben, about))).toBe('reference');
    expect(write(circle, ben, 'reactions', `${circle.annas} ${heart} ${ben}`, true)).toBe('reference');
    expect(write(circle, mo, 'hidden', about, { state: 'hidden', ...signed(mo) })).toBe('ok');
    expect(write(circle, mo, 'removed', about, signed(mo))).toBe('ok');
  });

  it('[GATE4, B2] what names an entry that is not here yet is behind, and is taken once that is', () => {
    const circle = readingCircle();
    const id = uuid();
    expect(write(circle, ben, 'status', id, { state: 'open', ...signed(ben) })).toBe('behind');
    expect(write(circle, mo, 'hidden', id, { state: 'hidden', ...signed(mo) })).toBe('behind');
    expect(write(circle, mo, 'removed', id, signed(mo))).toBe('behind');
    expect(write(circle, ben, 'reactions', `${id} ${heart} ${ben}`, true)).toBe('behind');
    expect(write(circle, anna, 'annotations', id, annotation(anna))).toBe('ok');
    expect(write(circle, ben, 'status', id, { state: 'open', ...signed(ben) })).toBe('ok');
  });

  it('[GATE7] what is refused for good is said before what may pass', () => {
    const circle = readingCircle();
    expect(write(circle, ben, 'comments', uuid(), comment(anna, uuid()))).toBe('author');
    expect(write(circle, ben, 'status', uuid(), { state: 'open', ...signed(anna) })).toBe('author');
  });
});

describe('replies', () => {
  it('[ENTRY4, S8] a reply is to a comment of the same annotation, known or in the same update', () => {
    const circle = readingCircle();
    expect(
      write(circle, ben, 'comments', uuid(), comment(ben, circle.annas, { parent: circle.annasComment })),
    ).toBe('ok');
    expect(
      write(circle, ben, 'comments', uuid(), comment(ben, circle.bens, { parent: circle.annasComment })),
    ).toBe('reference');
    expect(write(circle, ben, 'comments', uuid(), comment(ben, circle.annas, { parent: circle.annas }))).toBe(
      'reference',
    );
    expect(write(circle, ben, 'comments', uuid(), comment(ben, circle.annas, { parent: uuid() }))).toBe(
      'behind',
    );
    const [first, second] = [uuid(), uuid()];
    // In the update the reply comes before what it replies to: client ids are written from the highest down.
    const old = new Peer(ben, 500, circle.test.state);
    old.map('comments').set(first, comment(ben, circle.annas));
    const young = new Peer(ben, 600, old.state());
    young.map('comments').set(second, comment(ben, circle.annas, { parent: first }));
    expect(circle.test.submit(young.state(circle.test.stateVector), ben)).toMatchObject({ ok: true });
  });

  it('[ENTRY4, S8] no reply is to itself, and none closes a circle', () => {
    const circle = readingCircle();
    const [a, b, c] = [uuid(), uuid(), uuid()];
    expect(write(circle, ben, 'comments', a, comment(ben, circle.annas, { parent: a }))).toBe('reference');
    const ring = (...ids: string[]) =>
      send(circle, ben, (peer) => {
        for (const [i, id] of ids.entries())
          peer
            .map('comments')
            .set(id, comment(ben, circle.annas, { parent: ids[(i + 1) % ids.length] ?? '' }));
      });
    expect(ring(a, b)).toBe('reference');
    expect(ring(a, b, c)).toBe('reference');
  });

  it('[ENTRY4] a chain of three thousand replies made offline is taken in one', () => {
    const circle = readingCircle();
    let parent = circle.annasComment;
    const code = send(circle, ben, (peer) => {
      for (let i = 0; i < 3000; i++) {
        const id = uuid();
        peer.map('comments').set(id, comment(ben, circle.annas, { parent, body: '' }));
        parent = id;
      }
    });
    expect(code).toBe('ok');
  });
});

describe('reactions', () => {
  it.each(['👍', '❤️', '👍🏽', '👩‍👩‍👧', '🇨🇳', '1️⃣'])('[ENTRY5] %s is one emoji', (emoji) => {
    const circle = readingCircle();
    expect(write(circle, ben, 'reactions', `${circle.annasComment} ${emoji} ${ben}`, true)).toBe('ok');
  });
  it.each(['', '+', 'a', '1', '❤', '👍👍', '👍 👍', 'x'.repeat(40), '<b>'])(
    '[ENTRY5] %j is none',
    (emoji) => {
      const circle = readingCircle();
      expect(write(circle, ben, 'reactions', `${circle.annasComment} ${emoji} ${ben}`, true)).toBe('shape');
      expect(parseReaction(`${circle.annasComment} ${emoji} ${ben}`)).toBeNull();
    },
  );
  it('[ENTRY5] a reaction is `true`, and its key has three parts', () => {
    const circle = readingCircle();
    const key = `${circle.annasComment} ${heart} ${ben}`;
    for (const more of [`${key} `, `${key} x`, ` ${key}`])
      expect(write(circle, ben, 'reactions', more, true)).toBe('shape');
    expect(write(circle, ben, 'reactions', `${circle.annasComment} ${heart} ${ben}`, badly(1))).toBe('shape');
  });

  const faces = Array.from({ length: 24 }, (_, i) => String.fromCodePoint(0x1f600 + i));
  const react = (circle: Circle, peer: Peer, face: string | undefined, on: boolean): void => {
    const key = `${circle.annasComment} ${face} ${peer.person}`;
    if (on) peer.map('reactions').set(key, true);
    else peer.map('reactions').delete(key);
  };

  const countOf = (circle: Circle, person: string): number =>
    [...circle.test.gate.doc.getMap('reactions').keys()].filter((key) => key.endsWith(person)).length;

  it('[ENTRY6] one person has at most 20 on a comment: what is too many is taken, and taken out again', () => {
    const circle = readingCircle();
    expect(send(circle, ben, (peer) => faces.forEach((face) => react(circle, peer, face, true)))).toBe('ok');
    expect(countOf(circle, ben)).toBe(20);
    const one = new Peer(ben, 5, circle.test.state);
    const { amended, update } = circle.test.take(
      one.do((peer) => react(circle, peer, faces[23], true)),
      ben,
    );
    expect([amended, update === null, countOf(circle, ben)]).toEqual([true, false, 20]);
    one.receive(update ?? new Uint8Array());
    expect(sameBytes(one.state(), circle.test.state)).toBe(true);
    expect(send(circle, anna, (peer) => react(circle, peer, faces[20], true))).toBe('ok');
  });

  it('[ENTRY6] written for somebody, or offered, the twenty-first is `limit`', () => {
    const circle = readingCircle();
    const write = (face: string | undefined) => {
      const key = `${circle.annasComment} ${face} ${ben}`;
      return circle.test.gate.write([{ map: 'reactions', key, value: true }], writer(ben));
    };
    for (const face of faces.slice(0, 19)) expect(write(face)).toMatchObject({ ok: true });
    expect(write(faces[19])).toMatchObject({ error: { code: 'limit' } });
  });

  it('[ENTRY6] two devices, each with what it may have, are taken in one update and in two', () => {
    const circle = readingCircle();
    const [laptop, phone] = [new Peer(ben, 5, circle.state), new Peer(ben, 6, circle.state)];
    faces.slice(0, 15).forEach((face) => react(circle, laptop, face, true));
    faces.slice(10).forEach((face) => react(circle, phone, face, true));
    circle.test.take(laptop.state(), ben, { sync: {} });
    laptop.receive(phone.state());
    circle.test.take(laptop.state(), ben);
    circle.test.take(phone.state(), ben, { sync: {} });
    expect(countOf(circle, ben)).toBe(20);
  });

  it('[ENTRY6] one that is taken back makes room, in the same update too; one that is put again makes none', () => {
    const circle = readingCircle();
    for (const face of faces.slice(0, 19)) send(circle, ben, (peer) => react(circle, peer, face, true));
    const swap = (peer: Peer): void => {
      react(circle, peer, faces[0], false);
      react(circle, peer, faces[20], true);
    };
    expect(send(circle, ben, swap)).toBe('ok');
    expect(circle.test.gate.doc.getMap('reactions').has(`${circle.annasComment} ${faces[20]} ${ben}`)).toBe(
      true,
    );
    const again = (peer: Peer): void => {
      react(circle, peer, faces[1], true);
      react(circle, peer, faces[21], true);
    };
    expect(send(circle, ben, again)).toBe('ok');
    expect(countOf(circle, ben)).toBe(20);
  });

  it('[ENTRY6] the count is right in a room that was loaded', () => {
    const circle = readingCircle();
    for (const face of faces.slice(0, 19)) send(circle, ben, (peer) => react(circle, peer, face, true));
    const again = readingCircle({ state: circle.test.state, owners: circle.test.book.owners });
    const peer = new Peer(ben, 5, again.state);
    const update = peer.do(() => react(circle, peer, faces[20], true));
    expect(again.test.take(update, ben).amended).toBe(true);
    expect(countOf(again, ben)).toBe(20);
  });
});

describe('fields', () => {
  const code = (more: object): string => {
    const circle = readingCircle();
    return write(circle, ben, 'annotations', uuid(), annotation(ben, badly(more)));
  };
  const commentCode = (more: object): string => {
    const circle = readingCircle();
    return write(circle, ben, 'comments', uuid(), comment(ben, circle.annas, badly(more)));
  };

  it('[ENTRY7] a time is a whole number of milliseconds, at most 24 hours ahead', () => {
    expect(code({ created: now + limits.ahead })).toBe('ok');
    for (const created of [now + limits.ahead + 1, -1, 1.5, NaN, Infinity, '5'])
      expect(code({ created })).toBe('shape');
    expect(code({ edited: now + limits.ahead + 1 })).toBe('shape');
    expect(commentCode({ created: now + limits.ahead + 1 })).toBe('shape');
    expect(commentCode({ edited: now + limits.ahead + 1 })).toBe('shape');
    const circle = readingCircle();
    expect(
      write(circle, ben, 'status', circle.annas, { state: 'open', by: ben, at: now + limits.ahead + 1 }),
    ).toBe('shape');
  });

  it('[ENTRY1] texts and lists end at their limits', () => {
    expect(code({ tags: Array(20).fill('x'.repeat(50)), suggestion: 'x'.repeat(10_000) })).toBe('ok');
    expect(code({ tags: Array(21).fill('x') })).toBe('shape');
    expect(code({ tags: ['x'.repeat(51)] })).toBe('shape');
    expect(code({ suggestion: 'x'.repeat(10_001) })).toBe('shape');
    expect(code({ color: 'red' })).toBe('shape');
    expect(code({ motivation: 'shouting' })).toBe('shape');
    expect(commentCode({ body: '字'.repeat(10_000), quote: 'x'.repeat(10_000) })).toBe('ok');
    expect(commentCode({ quote: 'x'.repeat(10_001) })).toBe('shape');
  });

  it('[ENTRY1, S12] marks have their states and no others', () => {
    const circle = readingCircle();
    expect(write(circle, ben, 'status', circle.annas, { state: badly('accepted'), ...signed(ben) })).toBe(
      'shape',
    );
    expect(write(circle, eda, 'decisions', circle.annas, { state: badly('resolved'), ...signed(eda) })).toBe(
      'shape',
    );
    expect(write(circle, mo, 'hidden', circle.annas, { state: badly('open'), ...signed(mo) })).toBe('shape');
    expect(
      write(circle, mo, 'hidden', circle.annas, { state: 'hidden', reason: 'x'.repeat(1001), ...signed(mo) }),
    ).toBe('shape');
    expect(write(circle, ben, 'assigned', circle.annas, { to: 'anna', ...signed(ben) })).toBe('shape');
    expect(write(circle, eda, 'moved', circle.annas, { target: badly(null), ...signed(eda) })).toBe('shape');
    expect(write(circle, mo, 'removed', circle.annas, { ...signed(mo), why: 1 } as never)).toBe('shape');
  });

  it('[ENTRY8] no text holds U+0000, which PostgreSQL does not store', () => {
    expect(commentCode({ body: 'a\0b' })).toBe('shape');
    expect(code({ tags: ['\0'] })).toBe('shape');
    expect(code({ target: { ...target(), exact: '\0' } })).toBe('shape');
    expect(code({ jsonld: { a: ['\0'] } })).toBe('shape');
    expect(code({ jsonld: { '\0': 1 } })).toBe('shape');
  });

  it('[ENTRY9] `jsonld` is plain JSON of at most 32 KiB and 8 levels', () => {
    const deep = (levels: number): JsonObject => (levels === 1 ? {} : { a: deep(levels - 1) });
    expect(code({ jsonld: deep(8) })).toBe('ok');
    expect(code({ jsonld: deep(9) })).toBe('shape');
    expect(code({ jsonld: deep(20) })).toBe('limit');
    expect(code({ jsonld: { a: Array(16_000).fill(1) } })).toBe('ok');
    expect(code({ jsonld: { a: '字'.repeat(12_000) } })).toBe('shape');
    for (const jsonld of [[], null, 'x', { a: new Uint8Array(1) }, { a: NaN }])
      expect(code({ jsonld })).toBe('shape');
    expect(commentCode({ jsonld: deep(9) })).toBe('shape');
  });

  it('[ENTRY1] a target is whole, within limits, and does not end before it starts', () => {
    const bad: object[] = [
      { from: 9, to: 8 },
      { from: -1 },
      { to: 0.5 },
      { exact: 'x'.repeat(10_001) },
      { prefix: 'x'.repeat(201) },
    ];
    expect(code({ target: { ...target(), exact: 'x'.repeat(10_000), suffix: 'x'.repeat(200) } })).toBe('ok');
    for (const more of bad) expect(code({ target: { ...target(), ...more } })).toBe('shape');
    const { suffix: _suffix, ...partial } = target();
    expect(code({ target: partial })).toBe('shape');
    expect(code({ target: null })).toBe('ok');
  });
});

describe('positions', () => {
  const text = new Y.Doc().getText('content');
  text.insert(0, 'some words');
  const at = (index: number, assoc: number): Uint8Array =>
    Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(text, index, assoc));
  const taken = (start: Uint8Array): string => {
    const circle = readingCircle();
    const wanted: Target = { ...target(), start };
    return write(circle, ben, 'annotations', uuid(), annotation(ben, { target: wanted }));
  };

  it.each([
    [3, 0],
    [3, -1],
    [0, 0],
    [0, -1],
    [10, 0],
    [10, -1],
  ])('[ENTRY10] what Yjs makes at %d with association %d is read, and written alike', (index, assoc) => {
    const encoded = at(index, assoc);
    const position = decodePosition(encoded);
    expect(position?.assoc).toBe(assoc);
    expect(position && encodePosition(position)).toEqual(encoded);
    expect(taken(encoded)).toBe('ok');
  });

  it('[ENTRY10] a position of before there were associations means 0', () => {
    expect(decodePosition(at(3, 0).slice(0, -1))).toMatchObject({ assoc: 0 });
  });

  it('[ENTRY10] nor is one longer than 64 bytes, by numbers with leading zeros', () => {
    const long = Uint8Array.of(0, ...Array<number>(64).fill(0x80), 0, 0, 0);
    expect(decodePosition(long)).not.toBeNull();
    expect(taken(long)).toBe('shape');
  });

  const hostile: [string, Uint8Array][] = [
    ['another root', Uint8Array.of(1, 4, ...Buffer.from('evil'), 0)],
    ['a nested type', Uint8Array.of(2, 1, 0, 0)],
    ['a kind that is none', Uint8Array.of(3, 0)],
    ['another association', Uint8Array.of(0, 1, 0, 5)],
    ['trailing bytes', Uint8Array.of(...at(3, 0), 0)],
    ['half of one', at(3, 0).slice(0, 2)],
    ['nothing', new Uint8Array(0)],
  ];
  it.each(hostile)('[ENTRY10, S9] %s is no position', (_name, position) => {
    expect(decodePosition(position)).toBeNull();
    expect(taken(position)).toBe('shape');
    const circle = readingCircle();
    const moved = { target: { ...target(), end: position }, ...signed(ben) };
    expect(write(circle, ben, 'moved', circle.bens, moved)).toBe('shape');
  });
});

describe('what never changes decides', () => {
  it('[GATE19] work made offline stays right after all that others may do meanwhile', () => {
    const circle = readingCircle();
    const offline = new Peer(ben, bensNewClient, circle.state);
    const editor = new Peer(eda, 50, circle.state);
    send(circle, anna, (peer) => {
      peer.map('removed').set(circle.annas, signed(anna));
      peer.map('removed').set(circle.annasComment, signed(anna));
    });
    expect(write(circle, mo, 'hidden', circle.annas, { state: 'hidden', ...signed(mo) })).toBe('ok');
    const work = offline.do((peer) => {
      peer.map('comments').set(uuid(), comment(ben, circle.annas, { parent: circle.annasComment }));
      peer.map('reactions').set(`${circle.annasComment} ${heart} ${ben}`, true);
      peer.map('status').set(circle.annas, { state: 'open', ...signed(ben) });
    });
    expect(circle.test.submit(work, ben)).toMatchObject({ ok: true });
    // An annotation without a suggestion (any more) may still be decided on.
    const decision = editor.do((peer) =>
      peer.map('decisions').set(circle.annas, { state: 'accepted', ...signed(eda) }),
    );
    expect(circle.test.submit(decision, eda)).toMatchObject({ ok: true });
  });

  it('[GATE18] the table itself says who may, without a gate: pages ask it', () => {
    const view = { get: () => undefined, reactions: () => 0, size: () => 0 };
    expect(layerRules.annotations.may(uuid(), writer(vera), view)).toMatchObject({ code: 'role' });
    expect(layerRules.annotations.may(uuid(), writer(ben), view)).toBeNull();
    expect(Object.keys(layerRules)).toEqual([...layerMaps]);
  });

  it('[GATE8] a comment whose key is new but whose chain is not is judged by what it joins', () => {
    const circle = readingCircle();
    const update = craft([
      {
        client: bensNewClient,
        clock: 0,
        structs: [
          {
            origin: circle.at('comments', circle.bensComment),
            ...values(comment(ben, circle.annas, { created: 1 })),
          },
        ],
      },
    ]);
    expect(circle.test.submit(update, ben)).toMatchObject({ error: { code: 'fixed' } });
  });
});
