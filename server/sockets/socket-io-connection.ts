/**
 * One Socket.IO connection: the events of `core/wire.ts`. It checks what comes in, hands it to the rooms that the
 * connection is in, and answers.
 */

import {
  presenceBytes,
  presenceSet,
  roomJoin,
  roomLeave,
  roomUpdate,
  type JoinAnswer,
  type Notice,
  type RoomClosed,
  type UpdateAnswer,
} from '#core/wire.js';
import type { RefusalCode } from '#core/result.js';
import type { Rights } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import type { Socket } from 'socket.io';
import type { Budgets } from '../rooms/budget.js';
import type { Asked } from '../rooms/join.js';
import type { Clock } from '../rooms/ports.js';
import { presenceId, type Shown } from '../rooms/presence.js';
import type { Held, Rooms } from '../rooms/registry.js';
import { asRoom, colorOf, type Admitted } from './admission.js';
import { encoded, type Engine } from './engine.js';
import { messageOf } from './line.js';
import { Gaps } from './gaps.js';
import { mostBytes } from './most-bytes.js';

interface Joined {
  readonly held: Held;
  readonly presenceId: number;
  /** As the join answered: a page offers what this allows. */
  may: Rights;
  /** The next update is the first since the join: it may hold what others wrote and the log lacks. */
  fresh: boolean;
  /** The first sync of this connection and room is still to come. */
  first: boolean;
}

/** The connections of each room. */
interface Crowds {
  join(room: RoomName, held: Held, socket: Socket, engine: Engine): void;
  leave(room: RoomName, socket: Socket): void;
  emptied(room: RoomName, socket: Socket): void;
}

/** Pieces of a join's answer: Socket.IO clients refuse a packet of more than ten binaries. */
const joinPieces = 8;
/** Rooms that one connection may be in, and joins that may wait for one another. */
const roomsPerConnection = 64;
/** What an event costs that there is none of. */
const strangeEvent = 1024 * 1024;
/** Milliseconds that somebody over his budget is not read. */
const overBudget = 250;
const events: ReadonlySet<unknown> = new Set(['room:join', 'room:update', 'room:leave', 'presence:set']);

const no = (code: RefusalCode, message: string): { ok: false; code: RefusalCode; message: string } => ({
  ok: false,
  code,
  message,
});
const noRoom = no('no-room', 'there is no such room, or you have no right to it');
const tooMuch = no('busy', 'over your budget: try again in a minute');

export class SocketIoConnection {
  readonly #socket: Socket;
  readonly #engine: Engine;
  readonly #admitted: Admitted;
  readonly #rooms: Rooms;
  readonly #budgets: Budgets;
  readonly #clock: Clock;
  readonly #crowds: Crowds;
  readonly #joined = new Map<RoomName, Joined>();
  /** Joins are answered one after the other: each answer may be large. */
  #joining: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  readonly #gaps = new Gaps();

  constructor(
    socket: Socket,
    given: {
      admitted: Admitted;
      engine: Engine;
      crowds: Crowds;
      rooms: Rooms;
      budgets: Budgets;
      clock: Clock;
    },
  ) {
    this.#socket = socket;
    this.#engine = given.engine;
    this.#admitted = given.admitted;
    this.#rooms = given.rooms;
    this.#budgets = given.budgets;
    this.#clock = given.clock;
    this.#crowds = given.crowds;
  }

  get person(): string {
    return this.#admitted.person.id;
  }

  serve(): void {
    const socket = this.#socket;
    this.#engine.onTooLarge(socket, no('limit', 'the message is too large'));
    socket.use(([name], next) => {
      if (events.has(name)) next();
      else this.#charge(strangeEvent);
    });
    socket.on('room:join', (message: unknown, answer: unknown) => {
      if (isAnswer<JoinAnswer>(answer)) this.#join(message, answer);
    });
    socket.on('room:update', (message: unknown, answer: unknown) => {
      if (isAnswer<UpdateAnswer>(answer))
        this.#update(message).then(answer, () => answer(no('busy', 'try again')));
    });
    socket.on('room:leave', (message: unknown) => {
      const room = asRoom(roomLeave.safeParse(message).data?.room ?? '');
      if (room) this.#leave(room);
    });
    socket.on('presence:set', (text: unknown) => this.#presence(text));
    socket.on('disconnect', () => {
      for (const room of [...this.#joined.keys()]) this.#leave(room);
    });
  }

  notify(notice: Notice): void {
    this.#engine.post(this.#socket, encoded('notice', notice));
  }

  /** This reader was behind, and has read what waited. */
  emptied(): void {
    for (const room of this.#joined.keys()) this.#crowds.emptied(room, this.#socket);
  }

  async recheck(): Promise<void> {
    const signedIn = await this.#admitted.valid();
    let changed = false;
    for (const [name, here] of [...this.#joined]) {
      const rights = signedIn ? await this.#admitted.rights(name) : null;
      if (rights) changed ||= JSON.stringify(rights) !== JSON.stringify(here.may);
      else this.#expel(name, signedIn ? 'no-room' : 'no-session');
    }
    if (!signedIn) this.#socket.disconnect(true);
    // With another role: the client comes back by itself, and its joins tell what it may do now.
    else if (changed) this.#engine.close();
  }

  #charge(bytes: number, first = false): boolean {
    if (this.#budgets.take(this.person, { bytes, first })) return true;
    this.#engine.line?.rest(overBudget);
    return false;
  }

  #join(message: unknown, answer: (answer: JoinAnswer) => void): void {
    const { data } = roomJoin.safeParse(message);
    const asked: Asked | null = data?.since
      ? { since: data.since }
      : data?.stateVector
        ? { stateVector: data.stateVector }
        : null;
    if (!data || !asked) return answer(no('malformed', 'room:join takes {room, stateVector}'));
    if (!this.#charge(data.stateVector?.length ?? 0)) return answer(tooMuch);
    if (this.#waiting >= roomsPerConnection) return answer(no('busy', 'too many joins at once'));
    this.#waiting++;
    this.#joining = this.#joining
      .then(() => this.#engine.clear())
      .then(() => this.#enter(data.room, asked))
      .then(answer, () => answer(no('busy', 'the database is away')))
      .finally(() => this.#waiting--);
  }

  async #enter(room: string, asked: Asked): Promise<JoinAnswer> {
    const name = asRoom(room);
    const may = name && (await this.#admitted.rights(name));
    if (!name || !may) return noRoom;
    if (this.#joined.size >= roomsPerConnection && !this.#joined.has(name))
      return no('limit', 'too many rooms');
    const held = await this.#rooms.hold(name);
    let entered = false;
    const answer = await held.room
      .join(asked, joinPieces, ({ updates, stateVector, epoch, seq }): JoinAnswer => {
        // In the same turn as the reading, so that no batch falls between the answer and the first frame.
        if (this.#socket.connected) this.#entered(name, held, may);
        entered = this.#socket.connected;
        return {
          ok: true,
          updates: updates.map((piece) => Buffer.from(piece)),
          ...(stateVector && { stateVector }),
          epoch,
          seq,
          may,
          now: this.#clock.now(),
        };
      })
      .catch(() => no('malformed', 'the state vector cannot be read'));
    if (!entered) held.release();
    return answer ?? no('behind', 'that batch is not here: ask by a state vector');
  }

  #entered(name: RoomName, held: Held, may: Rights): void {
    const before = this.#joined.get(name);
    if (before) {
      held.release();
      before.fresh = true;
      before.may = may;
    } else {
      this.#joined.set(name, { held, presenceId: presenceId(), may, fresh: true, first: true });
      held.room.audience++;
      this.#crowds.join(name, held, this.#socket, this.#engine);
      this.#fit();
    }
    const people = held.room.presence.all();
    if (people.length > 0) this.#socket.emit('presence', { room: name, people, left: [] });
  }

  #leave(name: RoomName): void {
    const here = this.#joined.get(name);
    if (!here) return;
    this.#joined.delete(name);
    this.#crowds.leave(name, this.#socket);
    here.held.room.presence.leave(here.presenceId);
    here.held.room.audience--;
    here.held.release();
    this.#fit();
  }

  /** Messages are read that one of its rooms could take. */
  #fit(): void {
    const sizes = [...this.#joined.values()].map(({ held }) => mostBytes(held.room));
    this.#engine.takes(Math.max(messageOf.guest, ...sizes));
  }

  async #update(message: unknown): Promise<UpdateAnswer> {
    const { data } = roomUpdate.safeParse(message);
    if (!data) return no('malformed', 'room:update takes {room, update}');
    const { update } = data;
    const here = this.#joined.get(data.room as RoomName);
    if (!this.#charge(update.length, here?.first)) return tooMuch;
    if (!here) return no('no-room', 'join the room first');
    const { fresh, first } = here;
    here.fresh = false;
    here.first = false;
    const work = { kind: 'update', update, first, ...(fresh && { sync: {} }) } as const;
    const submitted = here.held.room.submit(this.#admitted.person, work, this.#socket);
    const answer = await (this.#engine.line?.during(submitted) ?? submitted);
    this.#fit();
    return !answer.ok && answer.code === 'behind' && this.#gaps.tooMany()
      ? no('busy', 'too many updates that lean on what is not here')
      : answer;
  }

  /** `text` is the event as it came: it is read when the room makes a frame. */
  #presence(text: unknown): void {
    if (typeof text !== 'string') return;
    const name = /"room":"([^"\\]{1,64})"/.exec(text)?.[1] as RoomName | undefined;
    const here = name && this.#joined.get(name);
    if (!this.#charge(text.length) || !here || text.length > 2 * presenceBytes) return;
    const { id, name: called } = this.#admitted.person;
    here.held.room.presence.set(
      here.presenceId,
      { id, name: called, color: colorOf(id) },
      shownIn(text, name),
    );
  }

  #expel(name: RoomName, code: RoomClosed['code']): void {
    this.#socket.emit('room:closed', { room: name, code });
    this.#leave(name);
  }
}

const shownIn =
  (text: string, name: RoomName): Shown =>
  () => {
    const { data } = presenceSet.safeParse(asJson(text)[1]);
    if (data?.room !== name) return undefined;
    return data.state !== null && JSON.stringify(data.state).length > presenceBytes ? undefined : data.state;
  };

function asJson(text: string): unknown[] {
  try {
    return JSON.parse(text) as unknown[];
  } catch {
    return [];
  }
}

const isAnswer = <T>(answer: unknown): answer is (answer: T) => void => typeof answer === 'function';
