/**
 * The y-websocket connections of one room: a committed batch goes to all of them as one frame that is made once, and
 * presence as awareness under ids that the server made. Who has fallen behind is given what he missed when he has read
 * the rest. The server keeps the others' states fresh itself: clients forget a state after 30 s, and leave a server that
 * has been silent for 30 s.
 */

import type { Present } from '#core/wire.js';
import type { Source } from '../rooms/batch.js';
import { peopleAFrame, type PresenceChange } from '../rooms/presence.js';
import type { Committed, LiveRoom } from '../rooms/room.js';
import { frameOf } from './frame.js';
import type { Line } from './line.js';
import { joinEntries, writeEntry, writeSync } from './y-protocol.js';

export interface Member {
  /** Its presence id. */
  readonly id: number;
  readonly source: Source;
  readonly line: Line;
  /** The newest batch that it was sent, with all before it. */
  seq: number;
  readonly epoch: string;
  /** It was not sent what came after `seq`. */
  behind: boolean;
}

const heartbeat = 14_000;

export class Gathering {
  readonly #room: LiveRoom;
  readonly #members = new Map<number, Member>();
  /** Awareness clocks by id: a state with a clock that is not higher is ignored by clients. */
  readonly #clocks = new Map<number, number>();
  #stop: (() => void) | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** How many people the last heartbeats have spoken of. */
  #told = 0;

  constructor(room: LiveRoom) {
    this.#room = room;
  }

  get empty(): boolean {
    return this.#members.size === 0;
  }

  join(member: Member): void {
    this.#members.set(member.id, member);
    this.#stop ??= this.#room.subscribe({
      committed: (batch) => this.#relay(batch),
      presence: (change) => this.#presence(change),
    });
    if (!this.#timer) this.#beat();
    this.tellAll(member.id);
  }

  /** False when it was not here. */
  leave(id: number): boolean {
    if (!this.#members.delete(id)) return false;
    if (this.empty) {
      this.#stop?.();
      this.#stop = null;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    return true;
  }

  /** Tells one member of everybody else. */
  tellAll(id: number): void {
    const people = this.#room.presence.all().filter((person) => person.id !== id);
    const entries = people.map((person) => this.#entry(person));
    this.#members.get(id)?.line.relay(frameOf(joinEntries(entries), 'binary'));
  }

  /** Gives a member what it missed. False where that is not at hand: it must come again. */
  async catchUp(member: Member): Promise<boolean> {
    if (!member.behind) return true;
    const since = { epoch: member.epoch, seq: member.seq };
    const caughtUp = await this.#room.join({ since }, Infinity, ({ updates, seq }) => {
      for (const update of updates) member.line.answer(frameOf(writeSync('update', update), 'binary'));
      member.seq = seq;
      member.behind = false;
      return true;
    });
    if (caughtUp) this.tellAll(member.id);
    return caughtUp === true;
  }

  #relay({ update, seq, only }: Committed): void {
    const frame = frameOf(writeSync('update', update), 'binary');
    for (const member of this.#members.values()) {
      if (member.behind) continue;
      if (member.source === only || member.line.relay(frame)) member.seq = seq;
      else member.behind = true;
    }
  }

  #presence({ people, left }: PresenceChange): void {
    const entries = people.map((person) => this.#entry(person));
    for (const id of left) {
      entries.push(writeEntry({ client: id, clock: this.#tick(id), state: null }));
      this.#clocks.delete(id);
    }
    this.#tell(people, entries);
  }

  /** `entries` begin with those of `people`; nobody is told of himself. */
  #tell(people: readonly Present[], entries: readonly Uint8Array[]): void {
    const frame = frameOf(joinEntries(entries), 'binary');
    const places = new Map(people.map(({ id }, place) => [id, place]));
    for (const { id, line } of this.#members.values()) {
      const mine = places.get(id);
      if (mine === undefined) line.relay(frame);
      else if (!line.behind)
        line.relay(frameOf(joinEntries(entries.filter((_, place) => place !== mine)), 'binary'));
    }
  }

  /** Everybody is told of everybody once a heartbeat: of a crowd in several frames. */
  #beat(): void {
    const people = this.#room.presence.all(this.#told);
    this.#told = people.length < peopleAFrame ? 0 : this.#told + people.length;
    this.#tell(
      people,
      people.map((person) => this.#entry(person)),
    );
    const frames = Math.ceil(Math.max(1, this.#room.presence.size) / peopleAFrame);
    this.#timer = setTimeout(() => this.#beat(), heartbeat / frames).unref();
  }

  #entry({ id, user, state }: Present): Uint8Array {
    return writeEntry({ client: id, clock: this.#tick(id), state: { ...state, user } });
  }

  #tick(id: number): number {
    const clock = (this.#clocks.get(id) ?? 0) + 1;
    this.#clocks.set(id, clock);
    return clock;
  }
}
