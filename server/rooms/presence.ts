/**
 * Who is in a room and where they read: best effort, sampled, stamped by the server. Nothing is bound by it, and
 * the ids that go out are the server's own, so nobody learns another's Yjs client id here. What somebody shows is read
 * only when a frame is made, so what comes faster than frames go costs nothing.
 */

import type { Present } from '#core/wire.js';
import { randomInt } from 'node:crypto';
import type { PresenceMessage } from './ports.js';

/** One frame: what changed since the last one, the longest waiting first. */
export interface PresenceChange {
  readonly people: readonly Present[];
  readonly left: readonly number[];
  /** In crowded rooms: how many people read each paragraph. */
  readonly counts?: Readonly<Record<string, number>>;
}

type State = Readonly<Record<string, unknown>>;
/** Reads what somebody last showed; null: nothing any more; undefined: it cannot be read, and says nothing. */
export type Shown = () => State | null | undefined;

interface Person {
  readonly id: number;
  readonly user: Present['user'];
  /** The server that he is connected to; null: this one. */
  readonly server: string | null;
  state: State | null;
  unread: Shown | null;
}

/** People of one frame. Rooms with more are crowded: their frames carry counts, and everybody's turn comes. */
export const peopleAFrame = 50;
const leftAFrame = 1_000;
/** Milliseconds between two frames: many people are sampled more seldom. */
const tickFor = (people: number): number => (people <= 20 ? 100 : people <= 100 ? 500 : 2000);
/** How often a server says whom it has in a room, and how long others wait for that. Milliseconds. */
const roll = 10_000;
const silence = 3 * roll;

/** Above all Yjs client ids: an echo of it is known by its size. */
export const presenceId = (): number => 2 ** 32 + randomInt(2 ** 32);
export const isPresenceId = (id: number): boolean => id >= 2 ** 32;

export class RoomPresence {
  readonly #people = new Map<number, Person>();
  readonly #changed = new Set<number>();
  readonly #left = new Set<number>();
  readonly #tell: (change: PresenceChange) => void;
  #publish: ((message: PresenceMessage) => void) | null = null;
  /** When each other server was last heard of. */
  readonly #servers = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #roll: NodeJS.Timeout | undefined;

  constructor(tell: (change: PresenceChange) => void) {
    this.#tell = tell;
  }

  get size(): number {
    return this.#people.size;
  }

  /** Everyone, for somebody who has just come; of a crowd the first, for the others' turns come. */
  all(from = 0): Present[] {
    const people: Present[] = [];
    let at = 0;
    for (const { id, user, state } of this.#people.values()) {
      if (!state || at++ < from) continue;
      people.push({ id, user, state });
      if (people.length === peopleAFrame) break;
    }
    return people;
  }

  set(id: number, user: Present['user'], shown: Shown): void {
    const person = this.#people.get(id);
    if (person) person.unread = shown;
    else this.#people.set(id, { id, user, server: null, state: null, unread: shown });
    this.#changed.add(id);
    this.#schedule();
  }

  leave(id: number): void {
    const person = this.#people.get(id);
    if (!person) return;
    this.#people.delete(id);
    this.#changed.delete(id);
    if (!person.state) return;
    this.#left.add(id);
    this.#schedule();
  }

  /** From now on other servers are told, and asked whom they have. */
  share(publish: (message: PresenceMessage) => void): void {
    this.#publish = publish;
    publish({ people: [], left: [], asks: true });
    this.#roll = setInterval(() => this.#callRoll(), roll).unref();
  }

  /** What another server tells of its people in this room. */
  hear(server: string, { people, left, here, asks }: PresenceMessage): void {
    this.#servers.set(server, Date.now());
    for (const { id, user, state } of people) {
      this.#people.set(id, { id, user, server, state: null, unread: () => state });
      this.#changed.add(id);
    }
    for (const id of left) if (this.#people.get(id)?.server === server) this.leave(id);
    if (here) this.#compare(server, new Set(here));
    if (asks && this.#size(null) > 0) this.#publish?.({ people: this.#of(null), left: [] });
    if (people.length > 0) this.#schedule();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#roll);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#frame();
      if (this.#changed.size + this.#left.size > 0) this.#schedule();
    }, tickFor(this.#people.size));
  }

  #frame(): void {
    for (const id of this.#changed) this.#read(this.#people.get(id));
    const people: Present[] = [];
    const mine: Present[] = [];
    for (const id of this.#changed) {
      if (people.length === peopleAFrame) break;
      this.#changed.delete(id);
      const person = this.#people.get(id);
      if (!person?.state) continue;
      const present = { id, user: person.user, state: person.state };
      people.push(present);
      if (person.server === null) mine.push(present);
    }
    const left = [...this.#left].slice(0, leftAFrame);
    for (const id of left) this.#left.delete(id);
    if (people.length + left.length === 0) return;
    const counts = this.#people.size > peopleAFrame ? { counts: this.#counts() } : {};
    this.#tell({ people, left, ...counts });
    if (mine.length + left.length > 0) this.#publish?.({ people: mine, left });
  }

  #read(person: Person | undefined): void {
    const shown = person?.unread?.();
    if (!person || shown === undefined) return;
    person.unread = null;
    if (shown === null) this.leave(person.id);
    else person.state = shown;
  }

  #counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { state } of this.#people.values()) {
      const paragraph = state?.['paragraph'];
      if (typeof paragraph === 'number') counts[paragraph] = (counts[paragraph] ?? 0) + 1;
    }
    return counts;
  }

  #size(server: string | null): number {
    let size = 0;
    for (const person of this.#people.values()) if (person.server === server) size++;
    return size;
  }

  #of(server: string | null): Present[] {
    return [...this.#people.values()].flatMap(({ id, user, state, server: where }) =>
      state && where === server ? [{ id, user, state }] : [],
    );
  }

  /** Tells others whom this server has, and forgets the people of servers that have fallen silent. */
  #callRoll(): void {
    const here = this.#of(null).map(({ id }) => id);
    if (here.length > 0) this.#publish?.({ people: [], left: [], here });
    const silent = Date.now() - silence;
    for (const [server, heard] of this.#servers) {
      if (heard > silent) continue;
      this.#servers.delete(server);
      this.#compare(server, new Set());
    }
  }

  /** Whom a server no longer has, has left; whom we never heard of, we ask for. */
  #compare(server: string, here: Set<number>): void {
    for (const person of [...this.#people.values()])
      if (person.server === server && !here.delete(person.id)) this.leave(person.id);
    if (here.size > 0) this.#publish?.({ people: [], left: [], asks: true });
  }
}
