import * as Y from 'yjs';
import * as encoding from 'lib0/encoding';
import { Awareness, encodeAwarenessUpdate, applyAwarenessUpdate } from 'y-protocols/awareness';
import { writeSyncStep1, writeUpdate } from 'y-protocols/sync';
import { describe, expect, it } from 'vitest';
import { readAwareness, readMessage, writeAwareness, writeSync } from '../../server/sockets/y-protocol.js';

const everyone = (): boolean => true;
const message = (type: number, write: (encoder: encoding.Encoder) => void): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, type);
  write(encoder);
  return encoding.toUint8Array(encoder);
};

describe('the y-websocket protocol', () => {
  it('[WIRE1] reads what y-protocols writes', () => {
    const doc = new Y.Doc();
    doc.getMap('m').set('k', 1);
    const step1 = readMessage(message(0, (e) => writeSyncStep1(e, doc)));
    expect(step1).toEqual({ type: 'step1', stateVector: Y.encodeStateVector(doc) });
    const update = Y.encodeStateAsUpdate(doc);
    expect(readMessage(message(0, (e) => writeUpdate(e, update)))).toEqual({ type: 'update', update });
    expect(readMessage(message(3, () => undefined))).toEqual({ type: 'queryAwareness' });
  });

  it('[WIRE2] writes what it reads', () => {
    for (const type of ['step2', 'update'] as const)
      expect(readMessage(writeSync(type, new Uint8Array([1, 2])))).toEqual({
        type,
        update: new Uint8Array([1, 2]),
      });
  });

  it.each([[[]], [[9]], [[0, 7]], [[0, 1, 200]], [[1, 5, 1]]])(
    '[WIRE3] %j is no message, and nothing is thrown',
    (bytes) => expect(readMessage(new Uint8Array(bytes))).toBeNull(),
  );

  it('[WIRE4] awareness goes both ways with y-protocols', () => {
    const theirs = new Awareness(new Y.Doc());
    theirs.setLocalState({ cursor: 3 });
    const states = encodeAwarenessUpdate(theirs, [theirs.clientID]);
    const [entry] = readAwareness(states, everyone, 10);
    expect(entry).toMatchObject({ client: theirs.clientID, state: { cursor: 3 } });

    const ours = readMessage(writeAwareness([{ client: 77, clock: 1, state: { user: { name: 'Anna' } } }]));
    if (ours?.type !== 'awareness') throw new Error('not awareness');
    applyAwarenessUpdate(theirs, ours.states, null);
    expect(theirs.getStates().get(77)).toEqual({ user: { name: 'Anna' } });
    theirs.destroy();
  });

  it('[WIRE5] entries that are not wanted are passed over unparsed, and a broken one ends the reading', () => {
    const list = message(2, (e) => {
      for (const [client, json] of [
        [1, '{broken'],
        [2, '{"ok":1}'],
      ] as const) {
        encoding.writeVarUint(e, client);
        encoding.writeVarUint(e, 1);
        encoding.writeVarString(e, json);
      }
    });
    expect([...readAwareness(list, (client) => client === 2, 10)].map(({ state }) => state)).toEqual([
      { ok: 1 },
    ]);
    expect([...readAwareness(list, everyone, 10)]).toEqual([]);
  });
});
