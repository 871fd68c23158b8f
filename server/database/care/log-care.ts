/**
 * Decides when a room's log is looked after: one room at a time, those with removed words first. What fails is reported
 * and tried again; what is not done when the server stops is found again at the next start.
 */

import type { RoomName } from '#core/rooms.js';
import type { LogCare, StoredState } from '../../rooms/ports.js';
import type { Database } from '../open.js';
import { withClaim } from './claim.js';
import { Aborted, usualKeep, type Keep } from './look.js';
import { isLong, lookAfter, type Looked } from './pass.js';
import { CareThread } from './thread.js';
import { readState } from '../stored-states.js';

export interface Pace {
  /** A removal waits for others to be done with it: until there was none for so long, but at most so long. Milliseconds. */
  readonly quiet: number;
  readonly longest: number;
  /** Between looks after one room: at least so long, and so many times as long as the last one took. */
  readonly rest: number;
  readonly restShare: number;
  /** After a failure; doubled each time, up to a minute. */
  readonly retry: number;
  /** How often words are looked for that a server left behind when it died, where there are several. */
  readonly sweep: number;
}

const usual: Pace = { quiet: 5_000, longest: 30_000, rest: 1_000, restShare: 9, retry: 1_000, sweep: 60_000 };
const longestRetry = 60_000;
/** Rooms of which it is remembered how large their state is. */
const mostRooms = 10_000;

export interface CareOptions {
  readonly report: (problem: string, detail: Record<string, unknown>) => void;
  readonly pace?: Partial<Pace>;
  readonly keep?: Keep;
  /** Told when a state is stored, before anything else of the look: for tests. */
  readonly stored?: (room: RoomName) => void;
  /** Told after each look, with how many milliseconds it took: for tests and figures. */
  readonly looked?: (room: RoomName, looked: Looked, took: number) => void;
}

export interface RunningLogCare extends LogCare {
  /** Goes on with the removals that an earlier server left. Throws when the database is away. */
  resume(): Promise<void>;
  /** Stops what is under way; no harm is done by it. */
  close(): Promise<void>;
}

interface Room {
  readonly name: RoomName;
  renewed: ((state: StoredState) => void) | undefined;
  /** Of the stored state, as far as is known. */
  stored: Looked['stored'];
  /** When the first removal was heard of that is not dealt with. */
  removedSince: number | null;
  /** When it is to be looked after; null: not at all. */
  at: number | null;
  /** Not before. */
  restUntil: number;
  timer: NodeJS.Timeout | undefined;
  /** When the timer goes off. */
  rings: number;
  queued: boolean;
  failures: number;
}

export const createLogCare = (
  database: Pick<Database, 'pool' | 'kind'>,
  options: CareOptions,
): RunningLogCare => new Care(database, options);

class Care implements RunningLogCare {
  readonly #database: Pick<Database, 'pool' | 'kind'>;
  readonly #options: CareOptions;
  readonly #pace: Pace;
  readonly #thread = new CareThread();
  readonly #rooms = new Map<RoomName, Room>();
  readonly #queue: Room[] = [];
  #running: Promise<void> | null = null;
  #sweeping: NodeJS.Timeout | undefined;
  /** Rooms that the last sweep found. */
  #left = new Set<string>();
  #closed = false;

  constructor(database: Pick<Database, 'pool' | 'kind'>, options: CareOptions) {
    this.#database = database;
    this.#options = options;
    this.#pace = { ...usual, ...options.pace };
  }

  grown: LogCare['grown'] = (name, tail, renewed) => {
    const room = this.#room(name);
    room.renewed = renewed;
    const now = performance.now();
    if (tail.removed) {
      room.removedSince ??= now;
      this.#wake(room, Math.min(now + this.#pace.quiet, room.removedSince + this.#pace.longest));
    } else if (room.removedSince === null && isLong(tail, room.stored?.bytes ?? 0))
      this.#wake(room, Math.max(now, room.restUntil));
  };

  async resume(): Promise<void> {
    for (const name of await this.#uncleansed()) this.#resume(name);
    // Several servers share a PostgreSQL: one may have died before it was done.
    if (this.#database.kind === 'postgres')
      this.#sweeping = setInterval(() => void this.#sweep(), this.#pace.sweep).unref();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#sweeping);
    for (const { timer } of this.#rooms.values()) clearTimeout(timer);
    this.#queue.length = 0;
    await this.#running;
    await this.#thread.close();
  }

  async #uncleansed(): Promise<RoomName[]> {
    const { rows } = await this.#database.pool.query<{ name: RoomName }>(
      'SELECT name FROM rooms WHERE uncleansed IS NOT NULL',
    );
    return rows.map(({ name }) => name);
  }

  #resume(name: RoomName): void {
    const room = this.#room(name);
    room.removedSince ??= performance.now();
    this.#wake(room, performance.now());
  }

  async #sweep(): Promise<void> {
    try {
      const names = await this.#uncleansed();
      // What is new since the last sweep is in its server's hands.
      for (const name of names) if (this.#left.has(name)) this.#resume(name);
      this.#left = new Set(names);
    } catch (error) {
      this.#options.report('removed words could not be looked for; tried again', { error });
    }
  }

  #room(name: RoomName): Room {
    const known = this.#rooms.get(name);
    if (known) return known;
    for (const room of this.#rooms.values()) {
      if (this.#rooms.size < mostRooms) break;
      if (room.at === null && !room.queued) this.#rooms.delete(room.name);
    }
    const room: Room = {
      name,
      renewed: undefined,
      stored: null,
      removedSince: null,
      at: null,
      restUntil: 0,
      timer: undefined,
      rings: 0,
      queued: false,
      failures: 0,
    };
    this.#rooms.set(name, room);
    return room;
  }

  /** Looks after the room at a time; of two times the later one counts, as long as a removal is not forgotten over it. */
  #wake(room: Room, at: number): void {
    room.at = room.failures > 0 ? Math.max(at, room.restUntil) : at;
    if (this.#closed || room.queued) return;
    // A timer that goes off too early looks again: a room that is busy does not make one a commit.
    if (room.timer && room.rings <= room.at) return;
    clearTimeout(room.timer);
    room.rings = room.at;
    room.timer = setTimeout(
      () => {
        room.timer = undefined;
        if (room.at === null) return;
        if (room.at > performance.now() + 1) return this.#wake(room, room.at);
        room.queued = true;
        if (room.removedSince === null) this.#queue.push(room);
        else this.#queue.unshift(room);
        this.#start();
      },
      Math.max(0, room.rings - performance.now()),
    ).unref();
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
  }

  async #run(): Promise<void> {
    for (let room = this.#queue.shift(); room && !this.#closed; room = this.#queue.shift()) {
      room.queued = false;
      const { removedSince } = room;
      room.at = null;
      room.removedSince = null;
      const started = performance.now();
      try {
        const looked = await this.#look(room);
        const took = performance.now() - started;
        room.failures = 0;
        room.restUntil = performance.now() + Math.max(this.#pace.rest, took * this.#pace.restShare);
        // Another server looks after it; if it dies over it, somebody must.
        if (looked) this.#options.looked?.(room.name, looked, took);
        else if (removedSince !== null) this.#again(room, removedSince, this.#pace.quiet);
      } catch (error) {
        if (error instanceof Aborted) return;
        const wait = Math.min(this.#pace.retry * 2 ** room.failures++, longestRetry);
        this.#options.report('the log of a room could not be looked after; tried again', {
          room: room.name,
          error,
        });
        room.restUntil = performance.now() + wait;
        this.#again(room, removedSince, wait);
      }
    }
  }

  #again(room: Room, removedSince: number | null, wait: number): void {
    if (removedSince !== null) room.removedSince = Math.min(removedSince, room.removedSince ?? Infinity);
    this.#wake(room, performance.now() + wait);
  }

  /** Null: another server does it. */
  async #look(room: Room): Promise<Looked | null> {
    const claim = await withClaim(this.#database, room.name, async () => {
      const thread = this.#thread.open();
      try {
        return await lookAfter({
          database: this.#database,
          thread,
          room: room.name,
          keep: this.#options.keep ?? usualKeep,
          aborted: () => this.#closed,
          stored: () => this.#options.stored?.(room.name),
          renewed: (state) => room.renewed?.(state),
        });
      } finally {
        thread.close();
      }
    });
    if (!claim) return null;
    const { made, stored } = claim.done;
    const known = room.stored?.seq ?? 0;
    room.stored = stored;
    // Another server made it: the room may not have heard.
    if (!made && stored && stored.seq > known && room.renewed) {
      const state = await readState(this.#database.pool, room.name);
      if (state && state !== 'replaced') room.renewed(state);
    }
    return claim.done;
  }
}
