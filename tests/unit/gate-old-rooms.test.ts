import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { craft, deleted, values, type CraftedStruct } from '../support/craft.js';
import {
  anna,
  annotation,
  ben,
  comment,
  GateUnderTest,
  Peer,
  sameBytes,
  signed,
  uuid,
} from '../support/peers.js';

const clients = 2_000;

/** A layer with so many past client ids of Anna's, each with an annotation and two ended reactions. */
function oldRoom(): { test: GateUnderTest; ids: string[] } {
  const ids = Array.from({ length: clients }, uuid);
  const sections = ids.map((key, i) => ({
    client: 1_000 + i,
    clock: 0,
    structs: [
      { root: 'annotations', key, ...values(annotation(anna)) },
      ...['a', 'b'].map((name): CraftedStruct => ({
        root: 'reactions',
        key: `${key} ${name}`,
        ...deleted(1),
      })),
    ],
  }));
  const owners = sections.map(({ client }) => [client, anna] as const);
  return { test: new GateUnderTest({ state: craft(sections), owners }), ids };
}

describe('a room of thousands of past client ids', () => {
  it('[GATE22] a transaction lists the clocks of the client ids that it adds to, and no others', () => {
    const { test, ids } = oldRoom();
    let listed = [0, 0];
    test.gate.doc.on('afterTransaction', ({ beforeState, afterState }: Y.Transaction) => {
      listed = [beforeState.size, afterState.size];
    });
    const peer = new Peer(ben, 30);
    test.take(
      peer.do(() => peer.map('comments').set(uuid(), comment(ben, ids[7] ?? ''))),
      ben,
    );
    // His client id and the server's own. If Yjs lists them in another way than `clients.forEach`, this tells.
    expect(listed[0]).toBeLessThanOrEqual(2);
    expect(listed[1]).toBeLessThanOrEqual(2);
    test.gate.doc.transact(() => undefined);
    expect(listed).toEqual([clients + 1, clients + 1]);
  });

  it('[GATE22] what it writes, tells its observers and leaves is what plain Yjs does', () => {
    const { test, ids } = oldRoom();
    const plain = new Y.Doc();
    Y.applyUpdate(plain, test.state);
    const heard: string[][] = [[], []];
    for (const [at, doc] of [test.gate.doc, plain].entries())
      for (const map of ['annotations', 'comments', 'status', 'reactions'])
        doc.getMap(map).observe(({ keys }) => {
          for (const [key, { action }] of keys) heard[at]?.push(`${map} ${key} ${action}`);
        });
    const peers = [test.peer(anna, 1_005), test.peer(ben, 40), test.peer(ben, 41)];
    for (let round = 0; round < 12; round++)
      for (const peer of peers) {
        const id = ids[round % 3] ?? '';
        const update = peer.do(() => {
          if (peer.person === anna) peer.change('annotations', id, { color: round % 2 ? 'moss' : 'sky' });
          peer.map('status').set(id, { state: round % 2 ? 'open' : 'resolved', ...signed(peer.person) });
          peer.map('comments').set(uuid(), comment(peer.person, id));
        });
        const taken = test.take(update, peer.person);
        Y.applyUpdate(plain, taken.update ?? new Uint8Array());
      }
    expect(heard[0]?.sort()).toEqual(heard[1]?.sort());
    expect(sameBytes(test.state, Y.encodeStateAsUpdate(plain))).toBe(true);
  });

  it('[GATE3, GATE22] a whole copy and a step 2 are no-ops that are read in many steps', () => {
    const { test } = oldRoom();
    for (const sync of [undefined, {}]) {
      const steps = test.gate.submitting(
        test.state,
        {
          id: ben,
          rights: { read: true, comment: true, edit: false, decide: false, moderate: false },
          now: 0,
        },
        sync ? { sync } : {},
      );
      let count = 0;
      for (;;) {
        const { done, value } = steps.next();
        if (!done) count++;
        else {
          expect(value).toMatchObject({ ok: true, value: { update: null } });
          break;
        }
      }
      expect(count).toBeGreaterThan(1);
    }
  });
});
