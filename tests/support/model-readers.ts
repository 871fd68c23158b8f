/**
 * Readers of the model test. Each does what the client behind one door does: the page over Socket.IO (an outbox, one
 * message on its way, gaps in `seq`, epochs, drafts), or the unchanged y-websocket client. What passes between a reader
 * and a server takes some turns, in order, and is lost where the connection ends.
 */

import * as Y from 'yjs';
import type { Committed } from '../../server/rooms/room.js';
import type { Held } from '../../server/rooms/registry.js';
import type { Asked } from '../../server/rooms/join.js';
import type { ModelServer, World } from './model-world.js';

export interface Written {
  readonly map: string;
  readonly key: string;
  /** undefined: the key was taken out. */
  readonly value: unknown;
}

/** One connection to one server: two lines of messages in order, both dead once it is closed. */
class Link {
  open = true;
  #up: Promise<unknown> = Promise.resolve();
  #down: Promise<unknown> = Promise.resolve();
  readonly #world: World;
  readonly #ends: (() => void)[] = [];

  constructor(world: World, server: ModelServer) {
    this.#world = world;
    this.#ends.push(server.onceCut(() => this.close()));
  }

  onceClosed(end: () => void): void {
    this.#ends.push(end);
    if (!this.open) this.close();
  }

  close(): void {
    this.open = false;
    for (const end of this.#ends.splice(0)) end();
  }

  /** What the reader says reaches the server. */
  up(said: () => unknown): void {
    this.#up = this.#up.then(() => this.#world.turns(2)).then(() => (this.open ? said() : undefined));
  }

  /** What the server says reaches the reader. */
  down(said: () => unknown): void {
    this.#down = this.#down.then(() => this.#world.turns(2)).then(() => (this.open ? said() : undefined));
  }
}

export abstract class ModelReader {
  doc = new Y.Doc();
  readonly person: string;
  /** Keys of entries that became drafts: their words were not lost, and are not in the room. */
  readonly drafts = new Set<string>();
  /** Keys whose words the server has acknowledged. */
  readonly acknowledged = new Set<string>();
  protected readonly world: World;
  protected link: Link | null = null;
  protected server: ModelServer;
  #wanted = false;
  #opening = false;

  constructor(world: World, person: string, server: ModelServer) {
    this.world = world;
    this.person = person;
    this.server = server;
  }

  get online(): boolean {
    return this.link?.open === true;
  }

  /** Is at this server from now on. */
  moveTo(server: ModelServer): void {
    this.leave();
    this.server = server;
    this.goOnline();
  }

  goOnline(): void {
    this.#wanted = true;
    if (this.online || this.#opening) return;
    this.#opening = true;
    void this.#open();
  }

  leave(): void {
    this.#wanted = false;
    this.link?.close();
    this.link = null;
  }

  /** As when the network ends, or the server: it comes again by itself. */
  protected again(): void {
    this.link?.close();
    this.link = null;
    if (this.#wanted) this.goOnline();
  }

  write(entries: readonly Written[]): void {
    this.doc.transact(() => {
      for (const { map, key, value } of entries)
        if (value === undefined) this.doc.getMap(map).delete(key);
        else this.doc.getMap(map).set(key, value);
    }, entries);
  }

  /** Everything of this reader's own is stored, as far as it knows. */
  abstract get calm(): boolean;
  /** What is on the device is what is here now. */
  abstract keep(): void;
  /** The page is opened anew from what is on the device. */
  abstract reload(): void;
  protected abstract enter(link: Link, held: Held, server: ModelServer): Promise<void>;

  async #open(): Promise<void> {
    const { server } = this;
    try {
      await this.world.turns();
      const link = new Link(this.world, server);
      const cut = new Promise<never>((_resolve, reject) => link.onceClosed(() => reject(new Error('cut'))));
      const held = await Promise.race([server.hold(), cut]);
      link.onceClosed(() => {
        held.release();
        if (this.link === link) this.again();
      });
      if (!link.open || server !== this.server || !this.#wanted) {
        link.close();
        this.#opening = false;
        if (this.#wanted) this.goOnline();
        return;
      }
      this.link = link;
      this.#opening = false;
      await this.enter(link, held, server);
    } catch {
      this.#opening = false;
      await this.world.turns(6);
      this.again();
    }
  }

  /** A verdict that is final: right only where the role did not allow it. */
  protected refused(code: string, message: string): void {
    if (code !== 'role' && code !== 'no-room')
      this.world.faults.push(`an honest update was refused: ${code}: ${message}`);
  }
}

interface Own {
  readonly update: Uint8Array;
  readonly entries: readonly Written[];
}

interface Kept {
  readonly state: Uint8Array;
  readonly epoch: string | null;
  readonly seq: number;
}

/** The page: what it wrote and was not told of as stored is in its outbox, on the device. */
export class PageReader extends ModelReader {
  outbox: Own[] = [];
  #sent: readonly Own[] = [];
  #epoch: string | null = null;
  /** Its copy holds every batch up to this one. */
  #seq = 0;
  #joined = false;
  #fresh = true;
  kept: Kept = { state: Y.encodeStateAsUpdate(new Y.Doc()), epoch: null, seq: 0 };

  constructor(world: World, person: string, server: ModelServer) {
    super(world, person, server);
    this.#listen();
  }

  get calm(): boolean {
    return this.online && this.#joined && this.outbox.length === 0;
  }

  /** The copy on the device is of now; later ones of its own are in the outbox beside it. */
  keep(): void {
    this.kept = { state: Y.encodeStateAsUpdate(this.doc), epoch: this.#epoch, seq: this.#seq };
  }

  reload(): void {
    this.#open({ ...this.kept, outbox: this.outbox });
  }

  /** Opens what another tab of the same person keeps on the device. */
  adopt(other: PageReader): void {
    this.#open({ ...other.kept, outbox: [...other.outbox] });
  }

  /** Back, by the batch or by what it has. */
  protected async enter(link: Link, held: Held, server: ModelServer): Promise<void> {
    this.#joined = false;
    this.#sent = [];
    const leave = held.room.subscribe({
      committed: (batch) =>
        this.#hears(link, batch, () => server.leaves(held.room, 'a frame', [batch.update])),
      presence: () => undefined,
    });
    link.onceClosed(leave);
    await this.#join(link, held, server, this.#epoch !== null && this.world.random(2) === 0);
  }

  async #join(link: Link, held: Held, server: ModelServer, bySince: boolean): Promise<void> {
    const asked: Asked =
      bySince && this.#epoch !== null
        ? { since: { epoch: this.#epoch, seq: this.#seq } }
        : { stateVector: Y.encodeStateVector(this.doc) };
    const { doc } = this;
    await this.world.turns(2);
    if (!link.open) return;
    const joined = await held.room.join(asked, 8, (missing) => {
      server.leaves(held.room, 'a join', missing.updates);
      this.#listening.add(link);
      link.down(() => {
        if (doc === this.doc) this.#joins(link, held, server, missing);
      });
      return true;
    });
    if (!joined) await this.#join(link, held, server, false);
  }

  /** Connections that are in the room: frames before the join are for others. */
  readonly #listening = new WeakSet<Link>();

  #joins(
    link: Link,
    held: Held,
    server: ModelServer,
    { updates, epoch, seq }: { updates: readonly Uint8Array[]; epoch: string; seq: number },
  ): void {
    if (this.#epoch !== null && this.#epoch !== epoch) {
      // Another history: what was not acknowledged is written anew.
      const again = this.outbox.flatMap(({ entries }) => entries);
      this.#open({ state: Y.encodeStateAsUpdate(new Y.Doc()), epoch: null, seq: 0, outbox: [] });
      if (again.length > 0) this.write(again);
      return;
    }
    for (const update of updates) Y.applyUpdate(this.doc, update, 'server');
    this.#epoch = epoch;
    this.#seq = Math.max(this.#seq, seq);
    this.#fresh = true;
    this.#joined = true;
    this.#rejoin = () => {
      this.#joined = false;
      void this.#join(link, held, server, false).catch(() => this.again());
    };
    this.#submit = async (update) => {
      const fresh = this.#fresh;
      this.#fresh = false;
      return held.room.submit(
        { id: this.person, name: this.person },
        { kind: 'update', update, ...(fresh && { sync: {} }) },
        link,
      );
    };
    this.#push(link);
  }
  #rejoin: () => void = () => undefined;
  #submit: (update: Uint8Array) => ReturnType<Held['room']['submit']> = () =>
    Promise.reject(new Error('not joined'));

  #hears(link: Link, { seq, update, only }: Committed, left: () => void): void {
    if (only === link || !this.#listening.has(link)) return;
    left();
    const { doc } = this;
    link.down(() => {
      if (doc !== this.doc) return;
      Y.applyUpdate(doc, update, 'server');
      if (seq === this.#seq + 1) this.#seq = seq;
      else if (seq > this.#seq + 1 && this.#joined) this.#rejoin();
    });
  }

  /** One message at a time: all that waits, or all that the server lacks. */
  #push(link: Link, since?: Uint8Array): void {
    if (!this.#joined || this.#sent.length > 0 || this.outbox.length === 0 || this.link !== link) return;
    const sent = [...this.outbox];
    this.#sent = sent;
    const update = since
      ? Y.encodeStateAsUpdate(this.doc, since)
      : Y.mergeUpdates(sent.map((own) => own.update));
    const { doc } = this;
    link.up(async () => {
      const answer = await this.#submit(update);
      link.down(async () => {
        if (doc !== this.doc || this.#sent !== sent) return;
        this.#sent = [];
        if (answer.ok) {
          this.outbox = this.outbox.filter((own) => !sent.includes(own));
          for (const { entries } of sent)
            for (const { map, key } of entries) this.acknowledged.add(`${map} ${key}`);
          if (answer.alone === true && answer.seq === this.#seq + 1) this.#seq = answer.seq;
          this.#push(link);
        } else if (answer.code === 'behind') this.#push(link, answer.stateVector);
        else if (answer.code === 'busy') {
          await this.world.turns(4);
          this.#push(link);
        } else {
          this.refused(answer.code, answer.message);
          for (const { entries } of this.outbox) for (const { key } of entries) this.drafts.add(key);
          this.#open({ state: Y.encodeStateAsUpdate(new Y.Doc()), epoch: null, seq: 0, outbox: [] });
        }
      });
    });
  }

  /** A new document under a new client id, of what is kept. */
  #open({ state, epoch, seq, outbox }: Kept & { outbox: Own[] }): void {
    this.doc = new Y.Doc();
    Y.applyUpdate(this.doc, state, 'device');
    for (const { update } of outbox) Y.applyUpdate(this.doc, update, 'device');
    this.outbox = outbox;
    this.#epoch = epoch;
    this.#seq = seq;
    this.#joined = false;
    this.keep();
    this.#listen();
    this.again();
  }

  #listen(): void {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (!Array.isArray(origin)) return;
      this.outbox.push({ update, entries: origin as Written[] });
      if (this.link) this.#push(this.link);
    });
  }
}

/** The npm client: it sends what it writes at once, is told nothing, and syncs whenever it connects. */
export class YReader extends ModelReader {
  #synced = false;
  #kept = Y.encodeStateAsUpdate(new Y.Doc());
  /** What it wrote since the copy was kept. */
  #own: Uint8Array[] = [];
  #says: (step: 'step1' | 'step2' | 'update', body: Uint8Array) => void = () => undefined;

  constructor(world: World, person: string, server: ModelServer) {
    super(world, person, server);
    this.#listen();
  }

  /** It cannot know; the world sees. */
  get calm(): boolean {
    return this.online && this.#synced;
  }

  keep(): void {
    this.#kept = Y.encodeStateAsUpdate(this.doc);
    this.#own = [];
  }

  reload(): void {
    this.doc = new Y.Doc();
    for (const update of [this.#kept, ...this.#own]) Y.applyUpdate(this.doc, update, 'device');
    this.#listen();
    this.again();
  }

  protected enter(link: Link, held: Held, server: ModelServer): Promise<void> {
    this.#synced = false;
    const own = new Set([this.doc.clientID]);
    let first = true;
    const hears = (step: 'step1' | 'step2' | 'update', body: Uint8Array): void =>
      link.down(() => this.#hears(step, body));
    const submit = async (update: Uint8Array, sync: boolean): Promise<void> => {
      const how = sync ? { sync: { own }, first } : {};
      if (sync) first = false;
      const answer = await held.room.submit(
        { id: this.person, name: this.person },
        { kind: 'update', update, ...how },
        link,
      );
      if (answer.ok) return;
      if (answer.code === 'behind') return hears('step1', answer.stateVector ?? held.room.stateVector());
      if (answer.code !== 'busy') this.#stop(answer.code, answer.message);
      link.close();
    };
    const answer = (stateVector: Uint8Array): Promise<unknown> =>
      held.room.join({ stateVector }, Infinity, ({ updates }) => {
        server.leaves(held.room, 'a sync', updates);
        for (const update of updates.slice(0, -1)) hears('update', update);
        hears('step2', updates.at(-1) ?? new Uint8Array([0, 0]));
      });
    this.#says = (step, body) =>
      link.up(() => {
        if (step !== 'step1') void submit(body, step === 'step2').catch(() => link.close());
        else void answer(body).catch(() => link.close());
      });
    hears('step1', held.room.stateVector());
    link.onceClosed(
      held.room.subscribe({
        committed: ({ update, only }) => {
          if (only === link) return;
          server.leaves(held.room, 'a frame', [update]);
          hears('update', update);
        },
        presence: () => undefined,
      }),
    );
    this.#says('step1', Y.encodeStateVector(this.doc));
    return Promise.resolve();
  }

  #hears(step: 'step1' | 'step2' | 'update', body: Uint8Array): void {
    if (step === 'step1') return this.#says('step2', Y.encodeStateAsUpdate(this.doc, body));
    Y.applyUpdate(this.doc, body, 'server');
    if (step === 'step2') this.#synced = true;
  }

  /** Refused for good: it begins again with nothing. */
  #stop(code: string, message: string): void {
    this.refused(code, message);
    for (const map of ['annotations', 'comments'])
      for (const key of this.doc.getMap(map).keys()) this.drafts.add(key);
    this.doc = new Y.Doc();
    this.keep();
    this.#listen();
  }

  #listen(): void {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (!Array.isArray(origin)) return;
      this.#own.push(update);
      if (this.online) this.#says('update', update);
    });
  }
}
