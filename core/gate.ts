/**
 * One room's judge around its one live document. An update from outside is judged before Yjs sees it, against the
 * live document, which is only read; then applied in one transaction in which what came of it is checked once more.
 * What leaves is the bytes that Yjs wrote, never a sender's. Storing them and telling others is left to the caller.
 */

import * as Y from 'yjs';
import { costsOfConflicts } from './conflicts.js';
import { ContentJudge } from './content-judge.js';
import { layerMaps, type LayerMap } from './entries.js';
import { EntryJudge } from './entry-judge.js';
import { Holdings } from './holdings.js';
import type { Judge, Touched } from './judge.js';
import { Refused, refused } from './refused.js';
import { ok, refuse, type Result } from './result.js';
import type { Room } from './rooms.js';
import { layerRules, selfRules, type Writer } from './rules.js';
import { finish, Pace, type Steps } from './steps.js';
import { settleOrder, settlePlaces } from './update-order.js';
import { cutInParts } from './update-parts.js';
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
  /** How many client ids that are new to the room it may bring: more is `busy`. */
  readonly clients?: number;
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

/** Bytes of one update: at most so many more than the room took, as it may hold all of the room. */
const mostNewBytes = 16 * 1024 * 1024;

/** An update that is judged, cut in parts; `clients`: the client ids that add to it. */
interface Judged {
  readonly parts: readonly Update[];
  readonly touched: Touched;
  readonly clients: readonly number[];
}

const nothingToApply: Judged = { parts: [], touched: new Map(), clients: [] };

type TouchedByRoot = Map<string, Set<string>>;

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
    return finish(this.submitting(update, writer, how));
  }

  /**
   * The same in steps of some milliseconds at most, however large the update is. Between two of them others may run;
   * but the document is nobody's to read or to change before the last.
   */
  *submitting(update: Uint8Array, writer: Writer, how: Submission = {}): Steps<Result<Applied>> {
    this.#refuseBroken();
    try {
      const { parts, touched, clients } = yield* this.#judged(update, writer, how);
      if (parts.length === 0) return ok(nothing);
      const changes = parts.map(
        ({ sections, endings }) =>
          () =>
            Y.applyUpdate(this.doc, writeUpdate(sections, endings)),
      );
      return yield* this.#apply(changes, { touched, clients, owner: writer.id });
    } catch (error) {
      return asRefusal(error);
    }
  }

  /**
   * Writes entries in the writer's name and by the same rules, all or none, under the server's client id. They are
   * judged in order: later ones may name earlier ones.
   */
  write(entries: readonly Entry[], writer: Writer): Result<Applied> {
    this.#refuseBroken();
    try {
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
      return finish(this.#apply([change], { touched, clients: [], owner: SERVER }));
    } catch (error) {
      return asRefusal(error);
    }
  }

  /** A change that the server makes itself, such as the import of a text: trusted, and not judged. */
  edit(change: (doc: Y.Doc) => void): Applied {
    this.#refuseBroken();
    const result = finish(
      this.#apply([() => change(this.doc)], { touched: null, clients: [], owner: SERVER }),
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

  #refuseBroken(): void {
    if (this.#broken) throw new Error('the room must be rebuilt from its log');
  }

  /** What is left to apply when all that is known, or others' and lost, is left out. Throws `Refused`. */
  *#judged(
    bytes: Uint8Array,
    writer: Writer,
    { sync, clients: mostClients = Infinity }: Submission,
  ): Steps<Judged> {
    if (bytes.length > mostNewBytes + this.#bytes) refused('limit', 'the update is too large');
    const room = this.#holdings;
    const update = yield* readUpdate(bytes, room, this.#judge.kinds);
    if (update.sections.length === 0 && update.endings.size === 0) return nothingToApply;
    const ownerOf = (client: number): string | undefined =>
      client === this.doc.clientID ? SERVER : this.#book.owner(client);
    yield* settlePlaces(update.sections, room);
    const sections = yield* ownSections(update.sections, writer, ownerOf, this.#judge, sync);
    const clients = sections.map(({ client }) => client);
    if (clients.filter((client) => ownerOf(client) === undefined).length > mostClients)
      refused('busy', 'too many new client ids');
    const order = yield* settleOrder(sections, room);
    const judgement = yield* this.#judge.judge(sections, writer);
    const isOthers = (client: number): boolean => ownerOf(client) !== writer.id;
    const endings = yield* ownEndings(update, sections, judgement, room, sync ? isOthers : null);
    yield* judgement.conclude();
    const conflicts = yield* costsOfConflicts(order, sections, room);
    if (sections.length === 0 && endings.size === 0) return nothingToApply;
    const parts = yield* cutInParts({ sections, endings }, order, conflicts, room);
    return { parts, touched: judgement.touched, clients };
  }

  /** Applies these changes, which are one, each in a transaction of its own. `clients`: who adds to it. */
  *#apply(
    changes: readonly (() => void)[],
    {
      touched: judged,
      clients,
      owner,
    }: { touched: Touched | null; clients: readonly number[]; owner: string },
  ): Steps<Result<Applied>> {
    const { doc } = this;
    const room = this.#holdings;
    const since = new Map([...clients, doc.clientID].map((client) => [client, room.state(client)]));
    const ended: Y.Transaction['deleteSet'][] = [];
    const touched: TouchedByRoot = new Map();
    const roots = doc.share.size;
    this.#written = [];
    this.#broken = true; // Yjs undoes nothing: only a change that came out well leaves the room as it should be
    const transact = (change: () => void): void => {
      const act = (transaction: Y.Transaction): void => {
        change();
        keepAsItIs(transaction);
        this.#recheck(transaction, judged, roots);
        const changed = this.#changed(transaction);
        addTouched(touched, changed);
        if (this.#amend) {
          this.#amend(doc, changed);
          addTouched(touched, this.#changed(transaction));
        }
        ended.push(transaction.deleteSet);
      };
      // What the server makes itself may be anybody's: a state that is taken over.
      if (judged) room.transact(since.keys(), act, this);
      else doc.transact(act, this);
    };
    let amended = owner === SERVER;
    try {
      for (const [at, change] of changes.entries()) {
        if (at > 0) yield;
        transact(change);
      }
      if (judged) {
        const tooMany = this.#judge.tooMany(judged);
        if (tooMany.size > 0) {
          amended = true;
          transact(() => {
            for (const [root, keys] of tooMany) for (const key of keys) doc.getMap(root).delete(key);
          });
        }
        yield* this.#checkValues(judged);
      }
    } catch (error) {
      return refuse('integrity', error instanceof Error ? error.message : String(error));
    }
    const [only = null] = this.#written;
    const update = this.#written.length > 1 ? yield* room.update(since, ended) : only;
    this.#broken = false;
    if (!update) return ok(nothing);

    this.#bytes += update.length;
    const wrote = room.state(doc.clientID) > (since.get(doc.clientID) ?? 0);
    const bound = new Map<number, string>();
    for (const client of clients) if (!this.#book.owner(client)) bound.set(client, owner);
    if (wrote && !this.#book.owner(doc.clientID)) bound.set(doc.clientID, SERVER);
    for (const [client, person] of bound) this.#book.bind(client, person);
    return ok({ update, clients: bound, touched, amended: amended || wrote });
  }

  /** After integration and before anybody is told: throws when Yjs did anything that was not judged. */
  #recheck(transaction: Y.Transaction, judged: Touched | null, roots: number): void {
    const { store, share } = this.doc;
    if (store.pendingStructs || store.pendingDs) throw new Error('parts of it wait for others');
    if (share.size !== roots) throw new Error('it made a root');
    if (!judged) return;
    for (const [type, keys] of transaction.changed) {
      const root = this.#holdings.rootOf(type) ?? '';
      for (const key of keys) if (!judged.get(root)?.has(key)) throw new Error(`it changed ${root} ${key}`);
    }
  }

  /** When all of it is applied: throws where a key is left without a value that must have one. */
  *#checkValues(judged: Touched): Steps<void> {
    const pace = new Pace();
    for (const [root, keys] of judged) {
      const isRemovable = this.#judge.isRemovable(root);
      for (const key of keys) {
        const item = key === null ? null : this.#holdings.edgeOf(root, key);
        if (item && (item.deleted ? !isRemovable : !(item.content instanceof Y.ContentAny)))
          throw new Error(`it left ${root} ${key} without a value`);
        if (pace.spend(0.2)) yield;
      }
    }
  }

  #changed(transaction: Y.Transaction): TouchedKeys {
    const touched: TouchedByRoot = new Map();
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

function asRefusal(error: unknown): Result<never> {
  if (error instanceof Refused) return { ok: false, error: error.refusal };
  throw error;
}

function addTouched(to: TouchedByRoot, from: TouchedKeys): void {
  for (const [root, keys] of from) {
    const known = to.get(root);
    if (!known) to.set(root, new Set(keys));
    else for (const key of keys) known.add(key);
  }
}
