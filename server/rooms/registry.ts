/**
 * The rooms that are loaded: each once, whoever asks, and unloaded when nobody has needed it for a while.
 */

import type { RoomName } from '#core/rooms.js';
import type { Bus } from './ports.js';
import { LiveRoom, type RoomServices } from './room.js';

/** A hold on a loaded room: it stays loaded until `release`. */
export interface Held {
  readonly room: LiveRoom;
  readonly release: () => void;
}

interface Slot {
  readonly loading: Promise<LiveRoom>;
  /** Once it is loaded. */
  room?: LiveRoom;
  holders: number;
  idle: NodeJS.Timeout | undefined;
}

/** How long a room stays loaded when nobody holds it, in milliseconds. */
const idleAfter = 30_000;
/** How often the log is asked for the newest seq of each room, where several servers write it. Milliseconds. */
const lookEvery = 30_000;

export class Rooms {
  readonly #services: RoomServices;
  readonly #slots = new Map<RoomName, Slot>();
  readonly #bus: Bus | undefined;
  #looking: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(services: Omit<RoomServices, 'published'>, bus?: Bus) {
    this.#services = { ...services, published: (room, seq) => bus?.publish({ kind: 'commit', room, seq }) };
    this.#bus = bus;
    // A message may be lost without anybody noticing, and be the last one of its room for long.
    if (bus) this.#looking = setInterval(() => void this.#lookAtHeads(), lookEvery).unref();
    bus?.subscribe((message) => {
      if (message.kind === 'lost') return void this.#lookAtHeads();
      if (message.kind === 'rights') return;
      const slot = this.#slots.get(message.room);
      slot?.loading.then(
        (live) => {
          if (message.kind === 'commit') live.heard(message.seq);
          else live.presence.hear(message.from ?? '', message);
        },
        // A load that failed is told to who asked for it.
        () => undefined,
      );
    });
  }

  /** Messages may be lost: each room asks the log whether it lacks something. */
  async #lookAtHeads(): Promise<void> {
    for (const room of [...this.loaded()])
      try {
        room.heard(await this.#services.log.head(room.name));
      } catch {
        // The database is away: the next look finds it.
      }
  }

  /** Rejects when the database is away. The name must be a room's. */
  async hold(name: RoomName): Promise<Held> {
    if (this.#closed) throw new Error('the server is stopping');
    const slot = this.#slots.get(name) ?? this.#open(name);
    clearTimeout(slot.idle);
    slot.holders++;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      slot.holders--;
      if (slot.holders === 0) this.#unloadLater(name, slot);
    };
    try {
      return { room: await slot.loading, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Holds the room while `use` runs. */
  async with<T>(name: RoomName, use: (room: LiveRoom) => Promise<T>): Promise<T> {
    const { room, release } = await this.hold(name);
    try {
      return await use(room);
    } finally {
      release();
    }
  }

  /** The rooms that are loaded now. */
  *loaded(): Generator<LiveRoom> {
    for (const { room } of this.#slots.values()) if (room) yield room;
  }

  /** Ends the commits in flight; what waits is not acknowledged. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#looking);
    for (const slot of this.#slots.values()) clearTimeout(slot.idle);
    const loaded = await Promise.allSettled([...this.#slots.values()].map((slot) => slot.loading));
    await Promise.all(loaded.flatMap((room) => (room.status === 'fulfilled' ? [room.value.close()] : [])));
  }

  #open(name: RoomName): Slot {
    const loading = LiveRoom.load(name, this.#services);
    const slot: Slot = { loading, holders: 0, idle: undefined };
    void loading.then(
      (room) => (slot.room = room),
      () => undefined,
    );
    this.#slots.set(name, slot);
    const bus = this.#bus;
    if (bus)
      void loading.then(
        ({ presence }) =>
          presence.share((message) => bus.publish({ kind: 'presence', room: name, ...message })),
        () => undefined,
      );
    // A load that failed is nobody's room: the next who asks tries again.
    loading.catch(() => {
      if (this.#slots.get(name) === slot) this.#slots.delete(name);
    });
    return slot;
  }

  #unloadLater(name: RoomName, slot: Slot): void {
    clearTimeout(slot.idle);
    slot.idle = setTimeout(() => {
      // A load that failed is nobody's room, and gone already.
      slot.loading.then(
        (room) => this.#unload(name, slot, room),
        () => undefined,
      );
    }, idleAfter).unref();
  }

  #unload(name: RoomName, slot: Slot, room: LiveRoom): Promise<void> | void {
    if (slot.holders > 0 || this.#slots.get(name) !== slot) return;
    // It may be catching up with another server.
    if (!room.quiet) return this.#unloadLater(name, slot);
    this.#slots.delete(name);
    return room.close();
  }
}
