/**
 * One room's judge around its one live document. An update from outside is judged before Yjs sees it, against the
 * live document, which is only read; then applied in one transaction in which what came of it is checked once more.
 * What leaves is the bytes that Yjs wrote, never a sender's. Storing them and telling others is left to the caller.
 */

import * as Y from 'yjs';
import { checkConflicts } from './conflicts.js';
import { ContentJudge } from './content-judge.js';
import { layerMaps, type LayerMap } from './entries.js';
import { EntryJudge } from './entry-judge.js';
import { Holdings } from './holdings.js';
import type { Judge, Touched } from './judge.js';
import { Refused, refused } from './refused.js';
import { ok, refuse, type Result } from './result.js';
import type { Room } from './rooms.js';
import { layerRules, selfRules, type Writer } from './rules.js';
import { settleOrder, settlePlaces } from './update-order.js';
import { readUpdate } from './update-reader.js';
import { writeUpdate, type Update } from './update.js';
import { asStored } from './value-reader.js';
import { ownEndings, ownSections, type Sync } from './writers-share.js';

export type { Writer } from './rules.js';

/** The owner of the client ids under which the server itself writes. */
export const SERVER = 'server';

/** Whose each Yjs client id of the room is: a person's id, or SERVER. Kept with the log. */
export interface ClientBook {
  owner(client: number): string | undefined;
  bind(client: number, person: string): void;
}

export type TouchedKeys = ReadonlyMap<string, ReadonlySet<string>>;

/** Adds the server's own changes to what was just applied, within the same transaction and under its client id. */
export type Amend = (doc: Y.Doc, touched: TouchedKeys) => void;

export interface Submission {
  /** The update answers a state vector: a y-websocket step 2, or the first update after a Socket.IO join. */
  readonly sync?: Sync;
}

export interface Entry {
  readonly map: LayerMap;
  readonly key: string;
  /** Plain JSON, and bytes in a target; undefined takes the key out: reactions only. */
  readonly value: unknown;
}

/** What a change did. */
export interface Applied {
  /** The bytes that Yjs wrote; null: all of it was known already. */
  readonly update: Uint8Array | null;
  /** Client ids that it bound, each to a person or SERVER. */
  readonly clients: ReadonlyMap<number, string>;
  /** Root names, and the keys of each that changed; none for a text. */
  readonly touched: TouchedKeys;
  /** The server wrote something of it, so its sender does not have all of it. */
  readonly amended: boolean;
}

const nothing: Applied = { update: null, clients: new Map(), touched: new Map(), amended: false };

/** Bytes of one update: at most this many, and at most so many more than the room took. */
const mostBytes = 16 * 1024 * 1024;
const mostNewBytes = 1024 * 1024;

export class Gate {
  /** The live document. It equals the log only as long as nobody else changes it. */
  readonly doc = new Y.Doc();
  readonly #book: ClientBook;
  readonly #amend: Amend | undefined;
  readonly #holdings: Holdings;
  readonly #judge: Judge;
  /** Bytes that the room took, never less than its state has. */
  #bytes = 0;
  /** What Yjs has written since the last change began. */
  #written: Uint8Array[] = [];
  #broken = false;

  /** Throws when `updates`, the room's log in order, lacks parts. A `serverClient` must be one that nobody used. */
  constructor(
    room: Room,
    load: { updates: readonly Uint8Array[]; book: ClientBook; serverClient?: number; amend?: Amend },
  ) {
    this.#book = load.book;
    this.#amend = load.amend;
    if (room.kind === 'content') this.doc.getText('content');
    else for (const map of room.kind === 'self' ? ['seen'] : layerMaps) this.doc.getMap(map);
    this.#holdings = new Holdings(this.doc);
    this.follow(load.updates);
    this.doc.on('update', (update: Uint8Array) => this.#written.push(update));
    this.#judge =
      room.kind === 'content'
        ? new ContentJudge()
        : new EntryJudge(this.doc, room.kind === 'self' ? selfRules(room.id) : layerRules, this.#holdings);
    // Not before loading: Yjs gives up an id under which it sees others' structs arrive.
    if (load.serverClient !== undefined) this.doc.clientID = load.serverClient;
  }

  /** Judges an update from outside and applies it, or changes nothing. After `integrity` the room must be rebuilt. */
  submit(update: Uint8Array, writer: Writer, how: Submission = {}): Result<Applied> {
    return this.#answer(() => {
      const { sections, endings, touched } = this.#judged(update, writer, how.sync);
      if (sections.length === 0 && endings.size === 0) return ok(nothing);
      const unbound = sections.map(({ client }) => client).filter((client) => !this.#book.owner(client));
      const bytes = writeUpdate(sections, endings);
      return this.#apply(() => Y.applyUpdate(this.doc, bytes), {
        touched,
        clients: new Map(unbound.map((client) => [client, writer.id])),
      });
    });
  }

  /**
   * Writes entries in the writer's name and by the same rules, all or none, under the server's client id. They are
   * judged in order: later ones may name earlier ones.
   */
  write(entries: readonly Entry[], writer: Writer): Result<Applied> {
    return this.#answer(() => {
      const judge = this.#judge;
      if (!(judge instanceof EntryJudge)) return refuse('path', 'a text holds no entries');
      const stored = entries.map((entry) => ({
        ...entry,
        value: entry.value === undefined ? undefined : asStored(entry.value),
      }));
      const touched = judge.judgeEntries(stored, writer);
      const change = (): void => {
        for (const { map, key, value } of stored)
          if (value === undefined) this.doc.getMap(map).delete(key);
          else this.doc.getMap(map).set(key, value);
      };
      return this.#apply(change, { touched, clients: new Map(), byServer: true });
    });
  }

  /** A change that the server makes itself, such as the import of a text: trusted, and not judged. */
  edit(change: (doc: Y.Doc) => void): Applied {
    const result = this.#answer(() =>
      this.#apply(() => change(this.doc), { touched: null, clients: new Map(), byServer: true }),
    );
    if (!result.ok) throw new Error(result.error.message);
    return result.value;
  }

  /**
   * Takes over what is in the log already: at loading, or because another server was first; says what it touched.
   * Throws on a gap.
   */
  follow(updates: readonly Uint8Array[]): TouchedKeys {
    const touched = this.doc.transact((transaction) => {
      for (const update of updates) {
        Y.applyUpdate(this.doc, update);
        this.#bytes += update.length;
      }
      keepAsItIs(transaction);
      return this.#changed(transaction);
    }, this);
    const { pendingStructs, pendingDs } = this.doc.store;
    if (pendingStructs || pendingDs) throw new Error('the log of the room lacks parts');
    return touched;
  }

  #answer(act: () => Result<Applied>): Result<Applied> {
    if (this.#broken) throw new Error('the room must be rebuilt from its log');
    try {
      return act();
    } catch (error) {
      if (error instanceof Refused) return { ok: false, error: error.refusal };
      throw error;
    }
  }

  /** What is left to apply when all that is known, or others' and lost, is left out. Throws `Refused`. */
  #judged(bytes: Uint8Array, writer: Writer, sync: Sync | undefined): Update & { touched: Touched } {
    if (bytes.length > Math.min(mostBytes, mostNewBytes + this.#bytes))
      refused('limit', 'the update is too large');
    const room = this.#holdings;
    const update = readUpdate(bytes, room, this.#judge.kinds);
    settlePlaces(update.sections, room);
    const ownerOf = (client: number): string | undefined =>
      client === this.doc.clientID ? SERVER : this.#book.owner(client);
    const sections = ownSections(update.sections, writer, ownerOf, this.#judge, sync);
    const order = settleOrder(sections, room);
    const judgement = this.#judge.judge(sections, writer);
    const endings = ownEndings(update, sections, judgement, room, sync);
    judgement.conclude();
    checkConflicts(order, sections, room);
    return { sections, endings, touched: judgement.touched };
  }

  #apply(
    change: () => void,
    judged: { touched: Touched | null; clients: ReadonlyMap<number, string>; byServer?: true },
  ): Result<Applied> {
    const { doc } = this;
    const state = this.#holdings.state(doc.clientID);
    const roots = doc.share.size;
    this.#written = [];
    this.#broken = true; // Yjs undoes nothing: only a change that came out well leaves the room as it should be
    let touched: TouchedKeys;
    try {
      touched = doc.transact((transaction) => {
        change();
        keepAsItIs(transaction);
        this.#recheck(transaction, judged.touched, roots);
        this.#amend?.(doc, this.#changed(transaction));
        return this.#changed(transaction);
      }, this);
    } catch (error) {
      return refuse('integrity', error instanceof Error ? error.message : String(error));
    }
    this.#broken = false;
    const update = this.#written.length > 1 ? Y.mergeUpdates(this.#written) : (this.#written[0] ?? null);
    if (!update) return ok(nothing);

    this.#bytes += update.length;
    const wrote = this.#holdings.state(doc.clientID) > state;
    const clients = new Map(judged.clients);
    if (wrote && !this.#book.owner(doc.clientID)) clients.set(doc.clientID, SERVER);
    for (const [client, person] of clients) this.#book.bind(client, person);
    return ok({ update, clients, touched, amended: wrote || judged.byServer === true });
  }

  /** After integration and before anybody is told: throws when Yjs did anything that was not judged. */
  #recheck(transaction: Y.Transaction, judged: Touched | null, roots: number): void {
    const { store, share } = this.doc;
    if (store.pendingStructs || store.pendingDs) throw new Error('parts of it wait for others');
    if (share.size !== roots) throw new Error('it made a root');
    if (!judged) return;
    for (const [type, keys] of transaction.changed) {
      const root = this.#holdings.rootOf(type) ?? '';
      for (const key of keys) {
        if (!judged.get(root)?.has(key)) throw new Error(`it changed ${root} ${key}`);
        const item = key === null ? undefined : type._map.get(key);
        if (item && (item.deleted ? !this.#judge.isRemovable(root) : !(item.content instanceof Y.ContentAny)))
          throw new Error(`it left ${root} ${key} without a value`);
      }
    }
  }

  #changed(transaction: Y.Transaction): TouchedKeys {
    const touched = new Map<string, Set<string>>();
    for (const [type, keys] of transaction.changed)
      touched.set(this.#holdings.rootOf(type) ?? '', new Set([...keys].filter((key) => key !== null)));
    return touched;
  }
}

/**
 * Applying an update makes its transaction a foreign one, after which Yjs would tidy the formats of a text by changes
 * of its own, and give up its client id where the server amended under it.
 */
function keepAsItIs(transaction: Y.Transaction): void {
  transaction.local = true;
}
