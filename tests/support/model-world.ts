/**
 * A world for the model test: servers over one log, a bus between them that may lose messages, and time that passes in
 * turns of the event loop, how many being drawn from a seed. Servers are killed, started and cut off from their log;
 * states are made and old batches forgotten, as the care of the log does it.
 */

import * as Y from 'yjs';
import { noRights, rightsOf, type Role } from '../../core/roles.js';
import { roomName } from '../../core/rooms.js';
import { cleansed } from '../../server/database/care/cleanse.js';
import { makeState } from '../../server/database/care/make-state.js';
import { RemovedWords } from '../../server/database/care/removed-words.js';
import { CommitQueue } from '../../server/rooms/commit-queue.js';
import type { BusMessage, RoomBatch, RoomLog, StoredState } from '../../server/rooms/ports.js';
import { Rooms, type Held } from '../../server/rooms/registry.js';
import type { LiveRoom } from '../../server/rooms/room.js';
import { MemoryRoomLog, MemoryStore } from './memory-room-log.js';
import { rebuilt } from './random-room.js';

export const layer = '01900000-0000-7000-8000-0000000000a1';
export const room = roomName('layer', layer);

/** Numbers in no order that are the same for the same seed. */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return (state >>> 8) % below;
  };
}

export class World {
  readonly store = new MemoryStore();
  readonly servers: ModelServer[] = [];
  readonly roles = new Map<string, Role>();
  /** By annotation or comment: every word that anybody ever wrote in it. */
  readonly words = new Map<string, Set<string>>();
  /** What must not have happened, as sentences. */
  readonly faults: string[] = [];
  /** Messages between servers are lost. */
  deaf = false;
  readonly random: (below: number) => number;

  constructor(seed: number, servers = 2) {
    this.random = randomFrom(seed);
    for (let i = 0; i < servers; i++) this.servers.push(new ModelServer(this, i));
  }

  /** Some turns of the event loop, perhaps none. */
  async turns(most = 3): Promise<void> {
    for (let left = this.random(most + 1); left > 0; left--) await nextTurn();
  }

  batches(): readonly { readonly seq: number; readonly updates: readonly Uint8Array[] }[] {
    return this.store.rooms.get(room)?.batches ?? [];
  }

  /** The log as a document. */
  logged(upTo = Infinity): Y.Doc {
    return rebuilt(this.batches().flatMap(({ seq, updates }) => (seq <= upTo ? updates : []))).doc;
  }

  wrote(id: string, word: string): void {
    this.words.set(id, (this.words.get(id) ?? new Set()).add(word));
  }

  wordsOfRemoved(ids: Iterable<string>): string[] {
    return [...ids].flatMap((id) => [...(this.words.get(id) ?? [])]);
  }

  /** As the care of the log: a new state, removed words out of every row, and the servers are told at some time. */
  care(): void {
    const seq = this.batches().length;
    if (seq === 0) return;
    const doc = this.logged();
    const state = makeState(doc, seq);
    const words = new RemovedWords(doc);
    this.store.keep(room, state);
    const kept = this.store.rooms.get(room);
    if (!kept) return;
    const batches = kept.batches.map((batch) => ({
      ...batch,
      updates: batch.updates.map((update) => cleansed(update, words) ?? update),
    }));
    this.store.rooms.set(room, { ...kept, batches });
    for (const { renewed } of this.servers)
      void this.turns(8).then(() => {
        renewed?.(state);
      });
  }

  /** As compaction: batches that a stored state stands for are gone. */
  forget(keep: number): void {
    const stored = this.store.rooms.get(room)?.stored?.seq ?? 0;
    const before = this.store.rooms.get(room)?.forgotten ?? 0;
    this.store.forget(room, Math.max(before, stored - keep));
  }

  changeRole(person: string, role: Role): void {
    this.roles.set(person, role);
  }
}

/** One process: killed, it leaves what it had handed to the log, and nothing else. */
export class ModelServer {
  rooms: Rooms;
  renewed: ((state: StoredState) => void) | undefined;
  /** While set, the log answers nobody: the database is away. */
  away = false;
  /** The next commit is stored, and its answer lost. */
  losesAnswer = false;
  readonly #world: World;
  readonly #index: number;
  #life = 0;
  #hears: ((message: BusMessage) => void)[] = [];
  readonly #cut = new Set<() => void>();
  /** Things whose removal each loaded room knows of. */
  readonly #removed = new WeakMap<LiveRoom, Set<string>>();

  constructor(world: World, index: number) {
    this.#world = world;
    this.#index = index;
    this.rooms = this.#start();
  }

  /** As `kill -9`, and a new process. */
  kill(): void {
    this.#life++;
    for (const cut of [...this.#cut]) cut();
    this.rooms = this.#start();
  }

  onceCut(cut: () => void): () => void {
    this.#cut.add(cut);
    return () => this.#cut.delete(cut);
  }

  async hold(): Promise<Held> {
    const held = await this.rooms.hold(room);
    if (!this.#removed.has(held.room)) {
      const removed = new Set(this.#world.logged(held.room.seq).getMap('removed').keys());
      this.#removed.set(held.room, removed);
      held.room.subscribe({
        committed: ({ update }) => {
          // The mark is the one item in the map of its name; whoever marks again marks what is known.
          const marks = new Y.Doc();
          Y.applyUpdate(marks, update);
          // The frames of now may hold it still: the words and their removal may be of one batch.
          queueMicrotask(() => {
            for (const key of marks.getMap('removed').keys()) removed.add(key);
          });
        },
        presence: () => undefined,
      });
    }
    return held;
  }

  /** What leaves a server holds no word of what that server knows to be removed. */
  leaves(live: LiveRoom, how: string, bytes: readonly Uint8Array[]): void {
    const words = this.#world.wordsOfRemoved(this.#removed.get(live) ?? []);
    for (const one of bytes)
      for (const word of words)
        if (Buffer.from(one).includes(word))
          this.#world.faults.push(`${how} of server ${this.#index} at ${live.seq} tells the removed ${word}`);
  }

  hear(message: BusMessage): void {
    for (const hears of this.#hears) hears(message);
  }

  #start(): Rooms {
    const world = this.#world;
    this.#hears = [];
    this.away = false;
    this.renewed = undefined;
    const log = this.#log();
    return new Rooms(
      {
        log,
        queue: new CommitQueue(log, 1),
        access: {
          rights: async (person) => {
            await world.turns(1);
            const role = world.roles.get(person);
            return role ? rightsOf(role) : noRights;
          },
        },
        clock: { now: () => Date.now() },
        shared: true,
        care: { grown: (_room, _tail, renewed) => void (this.renewed = renewed) },
        report: (problem, { error }) => {
          if (!(error instanceof Away)) world.faults.push(`${problem}: ${String(error)}`);
        },
      },
      {
        publish: (message) => {
          for (const other of world.servers)
            if (other !== this && !world.deaf) void world.turns(4).then(() => other.hear(message));
        },
        subscribe: (listener) => void this.#hears.push(listener),
        close: () => Promise.resolve(),
      },
    );
  }

  #log(): RoomLog {
    const world = this.#world;
    const inner = new MemoryRoomLog(world.store);
    const life = this.#life;
    const here = async (): Promise<void> => {
      await world.turns();
      // A dead process is answered nothing.
      if (this.#life !== life) await new Promise(() => undefined);
      if (this.away) throw new Away();
    };
    const slow =
      <A extends readonly unknown[], T>(ask: (...given: A) => Promise<T>) =>
      async (...given: A): Promise<T> => {
        await here();
        const answer = await ask(...given);
        await here();
        return answer;
      };
    return {
      load: slow((name) => inner.load(name)),
      clients: slow((name, seq) => inner.clients(name, seq)),
      since: slow((name, seq) => inner.since(name, seq)),
      head: slow((name) => inner.head(name)),
      append: slow(async (batches: readonly RoomBatch[]) => {
        const outcomes = await inner.append(batches);
        if (!this.losesAnswer) return outcomes;
        this.losesAnswer = false;
        throw new Away();
      }),
    };
  }
}

class Away extends Error {}

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
