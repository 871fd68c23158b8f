/** Plain Yjs clients and a gate between them, without any server: what each sends is judged, what the gate gives back is handed on. */

import { v7 } from 'uuid';
import * as Y from 'yjs';
import type { Annotation, Comment, LayerEntries, LayerMap, Target } from '#core/entries.js';
import { Gate, type Amend, type Applied, type ClientBook, type Submission, type Writer } from '#core/gate.js';
import { encodePosition } from '#core/position.js';
import type { Result } from '#core/result.js';
import { rightsOf, type Role } from '#core/roles.js';
import type { Room } from '#core/rooms.js';

/** 2026-11-24, as the server's clock. */
export const now = Date.UTC(2026, 10, 24);

const person = (letter: string): string => `01900000-0000-7000-8000-00000000000${letter}`;
export const anna = person('a');
export const ben = person('b');
export const mo = person('c');
export const eda = person('e');
export const vera = person('f');
/** Anna and Ben are readers, Mo moderates, Eda edits, Vera only reads. */
const roleOf: Record<string, Role> = { [mo]: 'moderator', [eda]: 'editor', [vera]: 'viewer' };

export const layerRoom: Room = { kind: 'layer', id: '01900000-0000-7000-8000-0000000000a1' };
export const contentRoom: Room = { kind: 'content', id: '01900000-0000-7000-8000-0000000000a2' };

export const uuid = (): string => v7();
export const writer = (id: string, role: Role = roleOf[id] ?? 'reader'): Writer => ({
  id,
  rights: rightsOf(role),
  now,
});

export const target = (): Target => ({
  start: encodePosition({ item: { client: 1, clock: 0 }, assoc: 0 }),
  end: encodePosition({ item: { client: 1, clock: 7 }, assoc: -1 }),
  exact: 'the words',
  prefix: 'before ',
  suffix: ' after',
  from: 7,
  to: 16,
});

export const annotation = (author: string, more: Partial<Annotation> = {}): Annotation => ({
  author,
  created: now - 1000,
  motivation: 'commenting',
  target: target(),
  color: 'amber',
  tags: [],
  ...more,
});

export const comment = (author: string, about: string, more: Partial<Comment> = {}): Comment => ({
  annotation: about,
  author,
  created: now - 500,
  body: 'words',
  ...more,
});

export const signed = (by: string): { by: string; at: number } => ({ by, at: now - 100 });

/** A book in memory, which tests may look into. */
export class Book implements ClientBook {
  readonly owners: Map<number, string>;
  constructor(owners: Iterable<readonly [number, string]> = []) {
    this.owners = new Map(owners);
  }
  owner(client: number): string | undefined {
    return this.owners.get(client);
  }
  bind(client: number, owner: string): void {
    this.owners.set(client, owner);
  }
}

/** A plain Yjs client of one person. What it wrote itself and has not sent yet is in `takeUnsent`. */
export class Peer {
  readonly doc = new Y.Doc();
  readonly person: string;
  #unsent: Uint8Array[] = [];

  constructor(who: string, client: number, state?: Uint8Array) {
    this.person = who;
    if (state) Y.applyUpdate(this.doc, state);
    this.doc.clientID = client;
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'network') this.#unsent.push(update);
    });
  }

  map<M extends LayerMap>(name: M): Y.Map<LayerEntries[M]> {
    return this.doc.getMap<LayerEntries[M]>(name);
  }

  /** Changes an entry that is there. */
  change<M extends 'annotations' | 'comments'>(name: M, key: string, change: Partial<LayerEntries[M]>): void {
    const before = this.map(name).get(key);
    if (!before) throw new Error(`no ${name} ${key} here`);
    this.map(name).set(key, { ...before, ...change });
  }

  receive(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update, 'network');
  }

  takeUnsent(): Uint8Array[] {
    return this.#unsent.splice(0);
  }

  /** The update of one transaction. */
  do(act: (peer: this) => void): Uint8Array {
    this.doc.transact(() => act(this));
    return Y.mergeUpdates(this.takeUnsent());
  }

  /** The whole copy, or what a state vector lacks: a y-websocket step 2. */
  state(since?: Uint8Array): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc, since);
  }
}

/** A gate with its book, and people who submit to it. */
export class GateUnderTest {
  readonly book: Book;
  readonly gate: Gate;

  constructor(
    options: {
      room?: Room;
      state?: Uint8Array;
      owners?: Iterable<readonly [number, string]>;
      serverClient?: number;
      amend?: Amend;
    } = {},
  ) {
    const { room = layerRoom, state, owners, serverClient = 4_000_000_001, amend } = options;
    this.book = new Book(owners);
    this.gate = new Gate(room, {
      updates: state ? [state] : [],
      book: this.book,
      serverClient,
      ...(amend && { amend }),
    });
  }

  get state(): Uint8Array {
    return Y.encodeStateAsUpdate(this.gate.doc);
  }

  get stateVector(): Uint8Array {
    return Y.encodeStateVector(this.gate.doc);
  }

  /** A new plain client with the gate's state. */
  peer(who: string, client: number): Peer {
    return new Peer(who, client, this.state);
  }

  submit(update: Uint8Array, by: string | Writer, how?: Submission): Result<Applied> {
    return this.gate.submit(update, typeof by === 'string' ? writer(by) : by, how);
  }

  /** Submits what must be taken. */
  take(update: Uint8Array, by: string | Writer, how?: Submission): Applied {
    const result = this.submit(update, by, how);
    if (!result.ok) throw new Error(`refused: ${result.error.code}: ${result.error.message}`);
    return result.value;
  }

  get<M extends LayerMap>(map: M, key: string): LayerEntries[M] | undefined {
    return this.gate.doc.getMap<LayerEntries[M]>(map).get(key);
  }
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
