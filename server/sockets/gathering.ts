/**
 * The y-websocket connections of one room: a committed batch goes to all of them as one message, and presence as
 * awareness under ids that the server made. The server keeps the others' states fresh itself: clients forget a
 * state after 30 s, and leave a server that has been silent for 30 s.
 */

import type { Present } from '#core/wire.js';
import type { Source } from '../rooms/batch.js';
import type { LiveRoom } from '../rooms/room.js';
import { writeAwareness, writeSync, type AwarenessEntry } from './y-protocol.js';

interface Member {
  readonly id: number;
  readonly source: Source;
  send(bytes: Uint8Array): void;
}

const heartbeat = 14_000;

export class Gathering {
  readonly #room: LiveRoom;
  readonly #members = new Map<number, Member>();
  /** Awareness clocks by id: a state with a clock that is not higher is ignored by clients. */
  readonly #clocks = new Map<number, number>();
  #stop: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(room: LiveRoom) {
    this.#room = room;
  }

  get empty(): boolean {
    return this.#members.size === 0;
  }

  /** Is this one of the ids that the server made? */
  has(id: number): boolean {
    return this.#clocks.has(id);
  }

  join(member: Member): void {
    this.#members.set(member.id, member);
    this.#clocks.set(member.id, 0);
    this.#stop ??= this.#listen();
    this.#timer ??= setInterval(() => {
      for (const id of this.#members.keys()) this.tellAll(id);
    }, heartbeat).unref();
    this.tellAll(member.id);
  }

  /** False when it was not here. */
  leave(id: number): boolean {
    if (!this.#members.delete(id)) return false;
    if (this.empty) {
      this.#stop?.();
      this.#stop = null;
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    return true;
  }

  /** Tells one member of everybody else. */
  tellAll(id: number): void {
    const others = this.#room.presence.all().filter((person) => person.id !== id);
    this.#members.get(id)?.send(writeAwareness(others.map((person) => this.#entry(person))));
  }

  #listen(): () => void {
    return this.#room.subscribe({
      committed: ({ update, only }) => {
        const message = writeSync('update', update);
        for (const member of this.#members.values()) if (member.source !== only) member.send(message);
      },
      presence: ({ people, left }) => {
        const entries = [
          ...people.map((person) => this.#entry(person)),
          ...left.map((id) => ({ client: id, clock: this.#tick(id), state: null })),
        ];
        const message = writeAwareness(entries);
        const changed = new Set(people.map(({ id }) => id));
        for (const member of this.#members.values())
          member.send(
            changed.has(member.id)
              ? writeAwareness(entries.filter(({ client }) => client !== member.id))
              : message,
          );
        for (const id of left) if (!this.#members.has(id)) this.#clocks.delete(id);
      },
    });
  }

  #entry({ id, user, state }: Present): AwarenessEntry {
    return { client: id, clock: this.#tick(id), state: { ...state, user } };
  }

  #tick(id: number): number {
    const clock = (this.#clocks.get(id) ?? 0) + 1;
    this.#clocks.set(id, clock);
    return clock;
  }
}
