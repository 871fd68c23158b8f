/**
 * A layer room that people work in at random: online and offline, on things that were removed meanwhile too. It keeps
 * what a log would, and which words were ever written where, so that a test can look for them.
 */

import fc from 'fast-check';
import * as Y from 'yjs';
import { layerMaps } from '../../core/entries.js';
import { blank } from '../../server/rooms/scrub.js';

export interface LoggedRow {
  update: Uint8Array;
  readonly person: string;
  readonly seq: number;
  readonly part: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Words were removed in it. */
  readonly removes: boolean;
}

const acts = [
  'annotate',
  'comment',
  'edit',
  'retag',
  'remove',
  'resolve',
  'react',
  'leave',
  'pull',
  'wait',
] as const;
const people = ['anna', 'ben', 'chen'];

export const anAct = fc.record({
  what: fc.constantFrom(...acts),
  who: fc.nat(people.length - 1),
  which: fc.nat(1_000),
});
export type Act = { readonly what: (typeof acts)[number]; readonly who: number; readonly which: number };

interface Peer {
  readonly person: string;
  readonly doc: Y.Doc;
  made: Uint8Array[];
  online: boolean;
}

export class RandomRoom {
  readonly server = new Y.Doc();
  readonly rows: LoggedRow[] = [];
  /** By annotation or comment: every word that was ever written in it. */
  readonly words = new Map<string, string[]>();
  readonly #peers: Peer[];
  #time = 1_700_000_000_000;
  #names = 0;
  #written: Uint8Array[] = [];

  constructor() {
    this.server.clientID = 50;
    this.server.on('update', (update: Uint8Array) => this.#written.push(update));
    this.#peers = people.map((person, i) => {
      const doc = new Y.Doc();
      doc.clientID = 10 + 30 * i;
      const peer: Peer = { person, doc, made: [], online: true };
      doc.on('update', (update: Uint8Array, origin: unknown) => {
        if (origin !== 'server') peer.made.push(update);
      });
      return peer;
    });
  }

  act(act: Act): void {
    const peer = this.#peers[act.who];
    if (!peer) return;
    this.#write(peer, act);
    if (peer.online) this.#push(peer);
  }

  #write(peer: Peer, { what, which }: Act): void {
    const { doc, person: author } = peer;
    const annotations = [...doc.getMap('annotations').keys()];
    const comments = [...doc.getMap('comments').keys()];
    const annotation = annotations[which % annotations.length];
    const comment = comments[which % comments.length];
    const at = this.#time;
    if (what === 'leave') return void (peer.online = which % 3 > 0);
    if (what === 'pull') return this.#pull(peer);
    if (what === 'wait') return void (this.#time += (which % 3) * 25_000);
    if (what === 'annotate' || annotation === undefined) {
      const id = this.#id('a');
      const target = { exact: `quoted ${id}` };
      const words = { tags: [this.#word(id)], jsonld: { note: this.#word(id) } };
      doc.getMap('annotations').set(id, { author, created: at, target, color: 'sky', ...words });
    } else if (what === 'comment' || comment === undefined) {
      const id = this.#id('c');
      const quote = `quoted ${id}`;
      doc.getMap('comments').set(id, { annotation, author, created: at, body: this.#word(id), quote });
    } else if (what === 'edit')
      this.#change(doc, 'comments', comment, { body: this.#word(comment), edited: at });
    else if (what === 'retag')
      this.#change(doc, 'annotations', annotation, {
        tags: [this.#word(annotation), this.#word(annotation)],
        suggestion: this.#word(annotation),
      });
    else if (what === 'remove')
      doc.getMap('removed').set(which % 3 ? comment : annotation, { by: author, at });
    else if (what === 'resolve') doc.getMap('status').set(annotation, { state: 'resolved', by: author, at });
    else if (doc.getMap('reactions').has(`${comment} + ${author}`))
      doc.getMap('reactions').delete(`${comment} + ${author}`);
    else doc.getMap('reactions').set(`${comment} + ${author}`, true);
  }

  /** Everybody sends and gets all. */
  settle(): void {
    for (const peer of this.#peers) this.#push(peer);
    for (const peer of this.#peers) this.#pull(peer);
  }

  removed(): string[] {
    return [...this.server.getMap('removed').keys()];
  }

  /** The words of what is removed that stand in these bytes. */
  wordsIn(bytes: Uint8Array): string[] {
    const found = Buffer.from(bytes);
    return this.removed().flatMap((id) => (this.words.get(id) ?? []).filter((word) => found.includes(word)));
  }

  #push(peer: Peer): void {
    if (peer.made.length === 0) return;
    const updates = peer.made.splice(0);
    const before = this.server.getMap('removed').size;
    this.#written = [];
    // As the gate does: taking and blanking are one transaction.
    this.server.transact((transaction) => {
      for (const update of updates) Y.applyUpdate(this.server, update);
      transaction.local = true;
      const touched = new Map(
        ['removed', 'annotations', 'comments'].map((map) => [map, new Set(this.server.getMap(map).keys())]),
      );
      blank(this.server, touched);
    });
    const removes = this.server.getMap('removed').size > before;
    const seq = this.rows.length + 1;
    for (const [part, update] of this.#written.entries())
      this.rows.push({ update, person: peer.person, seq, part, at: this.#time, removes });
    this.#time += 1_000;
  }

  #pull(peer: Peer): void {
    Y.applyUpdate(peer.doc, Y.encodeStateAsUpdate(this.server, Y.encodeStateVector(peer.doc)), 'server');
  }

  #change(doc: Y.Doc, map: string, id: string, changes: object): void {
    doc.getMap(map).set(id, { ...(doc.getMap(map).get(id) as object), ...changes });
  }

  #id = (kind: string): string => `${kind}${++this.#names}-id`;

  #word(id: string): string {
    const word = `<word ${++this.#names} of ${id}>`;
    this.words.set(id, [...(this.words.get(id) ?? []), word]);
    return word;
  }
}

/** The document that these updates make, and what is in it. Throws when one of them leans on what is not there. */
export function rebuilt(updates: readonly Uint8Array[]): { doc: Y.Doc; bytes: Buffer; entries: unknown } {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  if (doc.store.pendingStructs ?? doc.store.pendingDs)
    throw new Error('an update leans on what is not there');
  return { doc, bytes: Buffer.from(Y.encodeStateAsUpdate(doc)), entries: entriesOf(doc) };
}

export const entriesOf = (doc: Y.Doc): unknown =>
  Object.fromEntries(layerMaps.map((map) => [map, doc.getMap(map).toJSON()]));
