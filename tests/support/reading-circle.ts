/** A layer room in which Anna and Ben have written a little: the scene of the gate's tests. */

import type { LayerMap } from '#core/entries.js';
import type { ClientClock } from './craft.js';
import { anna, annotation, ben, comment, GateUnderTest, mo, now, Peer, signed, uuid } from './peers.js';

/** Yjs client ids of what is there, and free ones. */
export const annasClient = 10;
export const bensClient = 20;
export const bensNewClient = 30;
export const mosClient = 40;
export const strangeClient = 77;

export const thumb = '👍';
export const heart = '❤️';

export interface Circle {
  readonly test: GateUnderTest;
  readonly state: Uint8Array;
  /** Anna's annotation, with a comment of Anna's and one of Ben's; resolved by Anna. */
  readonly annas: string;
  readonly annasComment: string;
  readonly bensComment: string;
  /** Ben's annotation, with a comment of Anna's. */
  readonly bens: string;
  /** Where the newest write of a key is. */
  readonly at: (map: LayerMap, key: string) => ClientClock;
  /** The next clock of a client id. */
  readonly next: (client: number) => number;
  /** What Ben sends from a new copy of the room. */
  readonly ben: (act: (peer: Peer) => void) => Uint8Array;
  /** The same of Mo, who moderates. */
  readonly mo: (act: (peer: Peer) => void) => Uint8Array;
}

export function readingCircle(options: ConstructorParameters<typeof GateUnderTest>[0] = {}): Circle {
  const test = new GateUnderTest(options);
  const first = new Peer(anna, annasClient);
  const second = new Peer(ben, bensClient);
  const [annas, bens, annasComment, bensComment] = [uuid(), uuid(), uuid(), uuid()];
  const send = (peer: Peer, act: (peer: Peer) => void): void => {
    const { update } = test.take(peer.do(act), peer.person);
    for (const other of [first, second]) if (other !== peer && update) other.receive(update);
  };
  send(first, (peer) => peer.map('annotations').set(annas, annotation(anna)));
  send(first, (peer) => peer.map('comments').set(annasComment, comment(anna, annas)));
  send(second, (peer) => peer.map('annotations').set(bens, annotation(ben)));
  send(second, (peer) => peer.map('comments').set(bensComment, comment(ben, annas)));
  send(first, (peer) => peer.map('comments').set(uuid(), comment(anna, bens)));
  send(first, (peer) => peer.map('reactions').set(`${annasComment} ${thumb} ${anna}`, true));
  send(second, (peer) => peer.map('reactions').set(`${annasComment} ${thumb} ${ben}`, true));
  send(first, (peer) => peer.map('status').set(annas, { state: 'open', by: anna, at: now - 400 }));
  send(first, (peer) => peer.map('status').set(annas, { state: 'resolved', ...signed(anna) }));

  const { state } = test;
  return {
    test,
    state,
    annas,
    annasComment,
    bensComment,
    bens,
    at: (map, key) => {
      const item = test.gate.doc.getMap(map)._map.get(key);
      if (!item) throw new Error(`no ${map} ${key}`);
      return [item.id.client, item.id.clock];
    },
    next: (client) => {
      const last = test.gate.doc.store.clients.get(client)?.at(-1);
      return last ? last.id.clock + last.length : 0;
    },
    ben: (act) => new Peer(ben, bensNewClient, state).do(act),
    mo: (act) => new Peer(mo, mosClient, state).do(act),
  };
}
