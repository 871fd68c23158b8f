/** Who else is in one room, and telling the others where I read: best effort, never more often than the server passes on. */

import type { RoomName } from '#core/rooms.js';
import type { Presence, Present, PresenceState } from '#core/wire.js';
import type { Clock, Transport } from './ports.js';
import { Value } from './value.js';

/** Milliseconds between two messages of mine, as the server samples a room with so many others in it. */
const tickFor = (others: number): number => (others < 20 ? 100 : others < 100 ? 500 : 2000);

export class RoomPresence {
  readonly people = new Value<readonly Present[]>([]);
  readonly crowd = new Value(0);
  readonly #room: RoomName;
  readonly #me: string;
  readonly #transport: Transport;
  readonly #clock: Clock;
  #mine: PresenceState | null = null;
  #told: PresenceState | null = null;
  #here = false;
  #calm: (() => void) | null = null;

  constructor(room: RoomName, me: string, services: { transport: Transport; clock: Clock }) {
    this.#room = room;
    this.#me = me;
    this.#transport = services.transport;
    this.#clock = services.clock;
  }

  set(state: PresenceState | null): void {
    this.#mine = state;
    this.#tell();
  }

  /** The room is joined: the server knows nothing of me there. */
  entered(): void {
    this.#here = true;
    this.#told = null;
    this.#tell();
  }

  /** The connection is gone, and what is known of others with it. */
  left(): void {
    this.#here = false;
    this.#calm?.();
    this.#calm = null;
    if (this.people.get().length > 0) this.people.set([]);
    this.crowd.set(0);
  }

  /** Takes in a frame. My own connections are left out. */
  receive({ people, left, counts }: Presence): void {
    this.crowd.set(Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0));
    const all = new Map(this.people.get().map((person) => [person.id, person]));
    for (const id of left) all.delete(id);
    for (const person of people) if (person.user.id !== this.#me) all.set(person.id, person);
    if (people.length + left.length > 0) this.people.set([...all.values()]);
  }

  #tell(): void {
    if (!this.#here || this.#calm || this.#mine === this.#told) return;
    this.#told = this.#mine;
    this.#transport.presence(this.#room, this.#mine);
    this.#calm = this.#clock.after(tickFor(this.people.get().length), () => {
      this.#calm = null;
      this.#tell();
    });
  }
}
