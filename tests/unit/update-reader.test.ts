import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { Refused } from '#core/refused.js';
import { finish } from '#core/steps.js';
import { readUpdate, type Known } from '#core/update-reader.js';
import { contentRef, writeUpdate } from '#core/update.js';
import { asStored } from '#core/value-reader.js';
import { craft, deleted, skipStruct, string, values, type CraftedSection } from '../support/craft.js';
import { sameBytes } from '../support/peers.js';

const kinds = new Set<number>(Object.values(contentRef));

/** A room that holds so many clocks of each client, all ended. */
const holding = (states: Record<number, number> = {}): Known => ({
  clients: () => Object.keys(states).length,
  structs: () => Object.keys(states).length,
  state: (client) => states[client] ?? 0,
  hasEnded: (client, _clock, end) => end <= (states[client] ?? 0),
});
const codeOf = (update: Uint8Array, room = holding()): string => {
  try {
    finish(readUpdate(update, room, kinds));
    return 'read';
  } catch (error) {
    if (error instanceof Refused) return error.refusal.code;
    throw error;
  }
};

/** Three structs of one client, of clocks 0, 1-5 and 6. */
const section: CraftedSection = {
  client: 7,
  clock: 0,
  structs: [
    { root: 'content', ...values({ a: [1, 'two', null, true, 2 ** 40, 0.5, new Uint8Array(2)] }) },
    { origin: [7, 0], ...string('a字😀b') },
    { origin: [7, 5], ...deleted(1) },
  ],
};

describe('reading an update', () => {
  it('[READ1] every struct has its clock, its place or neighbours, and its content', () => {
    const { sections } = finish(readUpdate(craft([section]), holding(), kinds));
    expect(sections).toMatchObject([
      {
        client: 7,
        end: 7,
        structs: [
          { clock: 0, length: 1, root: 'content', key: null, origin: null, content: { kind: 'value' } },
          { clock: 1, length: 5, root: null, origin: { client: 7, clock: 0 }, content: { text: 'a字😀b' } },
          { clock: 6, length: 1, content: { kind: 'deleted' } },
        ],
      },
    ]);
  });

  it.each([
    [0, 3],
    [1, 2],
    [3, 2],
    [6, 1],
    [7, 0],
    [9, 0],
  ])('[READ2] in a room that holds %d clocks %d structs are new', (state, fresh) => {
    const { sections } = finish(readUpdate(craft([section]), holding({ 7: state }), kinds));
    expect(sections.flatMap(({ structs }) => structs)).toHaveLength(fresh);
  });

  it('[READ2] ended clocks that the room has ended are passed over', () => {
    const update = craft(
      [],
      [
        [
          7,
          [
            [0, 2],
            [4, 1],
          ],
        ],
        [8, [[0, 1]]],
      ],
    );
    const { endings } = finish(readUpdate(update, holding({ 7: 3 }), kinds));
    expect([...endings]).toEqual([
      [7, [{ clock: 4, end: 5 }]],
      [8, [{ clock: 0, end: 1 }]],
    ]);
  });

  it('[READ3] what is read is written again as an update that says the same', () => {
    const update = craft(
      [section, { client: 3, clock: 0, structs: [{ root: 'content', ...string('x') }] }],
      [[7, [[1, 5]]]],
    );
    const read = finish(readUpdate(update, holding(), kinds));
    expect(sameBytes(writeUpdate(read.sections, read.endings), update)).toBe(true);
    const rest = finish(readUpdate(update, holding({ 7: 6 }), kinds));
    const { structs } = Y.decodeUpdate(writeUpdate(rest.sections, new Map()));
    expect(structs.map(({ id, length }) => [id.client, id.clock, length])).toEqual([
      [7, 6, 1],
      [3, 0, 1],
    ]);
  });

  it('[READ4] whatever is cut off is not read, and nothing else is thrown', () => {
    const update = craft([section], [[7, [[1, 5]]]]);
    for (let length = 0; length < update.length; length++)
      expect(codeOf(update.slice(0, length)), `${length} bytes`).not.toBe('read');
    for (let length = 0; length < update.length; length++)
      expect(codeOf(update.slice(0, length), holding({ 7: 7 })), `${length} bytes, known`).not.toBe('read');
  });

  it('[READ5] strings that are no UTF-8 are not read', () => {
    const update = craft([{ client: 7, clock: 0, structs: [{ root: 'content', ...string('字') }] }]);
    update[update.length - 2] = 0x41;
    expect(codeOf(update)).toBe('malformed');
  });

  it('[READ6] a skip is passed over where the room has what it skips, and else is behind', () => {
    const update = craft([
      { client: 7, clock: 0, structs: [skipStruct(2), { origin: [7, 1], ...deleted(1) }] },
    ]);
    expect(codeOf(update, holding({ 7: 2 }))).toBe('read');
    expect(codeOf(update, holding({ 7: 1 }))).toBe('behind');
    expect(codeOf(update)).toBe('behind');
  });

  it('[READ7] more than 250,000 new structs are too many; known ones do not count', () => {
    const many = craft([
      {
        client: 7,
        clock: 0,
        structs: Array.from({ length: 250_001 }, () => ({ root: 'content', ...deleted(1) })),
      },
    ]);
    expect(codeOf(many)).toBe('limit');
    expect(codeOf(many, holding({ 7: 1 }))).toBe('read');
    expect(codeOf(many, holding({ 7: 250_001 }))).toBe('read');
  });

  it('[READ8, B8] client ids may be as many as the room has and 10,000 more, ended ranges and 100,000 more', () => {
    const clients = (count: number): Uint8Array =>
      craft(Array.from({ length: count }, (_, client) => ({ client, clock: 0, structs: [] })));
    expect(codeOf(clients(10_001))).toBe('limit');
    expect(codeOf(clients(10_001), holding({ 1: 1 }))).toBe('read');
    const ranges = (count: number): Uint8Array =>
      craft([], [[7, Array.from({ length: count }, (_, i) => [2 * i, 1] as const)]]);
    expect(codeOf(ranges(100_001))).toBe('limit');
    expect(codeOf(ranges(100_001), holding({ 7: 10 }))).toBe('read');
    expect(
      codeOf(
        craft(
          [],
          Array.from({ length: 10_001 }, (_, client) => [client, [[0, 1]]] as const),
        ),
      ),
    ).toBe('limit');
  });

  it('[READ9] an ended range is not empty', () => {
    expect(codeOf(craft([], [[7, [[0, 0]]]]))).toBe('malformed');
  });

  it('[READ9] content is not empty', () => {
    for (const empty of [string(''), deleted(0)])
      expect(codeOf(craft([{ client: 7, clock: 0, structs: [{ root: 'content', ...empty }] }]))).toBe(
        'malformed',
      );
  });
});

describe('values as they are stored', () => {
  it('[READ10] lone surrogates are replaced, as the wire does', () => {
    expect(asStored({ a: ['\ud83d', '😀'] })).toEqual({ a: ['\ufffd', '😀'] });
  });

  it('[READ10] nothing is shared with what was given', () => {
    const bytes = new Uint8Array([1, 2]);
    const stored = asStored({ bytes }) as { bytes: Uint8Array };
    bytes[0] = 9;
    expect(stored.bytes).toEqual(new Uint8Array([1, 2]));
  });

  it('[READ10] what is no plain value is refused', () => {
    for (const value of [undefined, () => 1, 5n, { a: undefined }, JSON.parse('{"__proto__": 1}')])
      expect(() => asStored(value)).toThrow(Refused);
  });
});
