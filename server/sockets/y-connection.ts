/** One y-websocket connection in its room: what its client says is handed to the room, and what it asks is answered. */

import { presenceBytes } from '#core/wire.js';
import type { Budgets } from '../rooms/budget.js';
import { isPresenceId, presenceId } from '../rooms/presence.js';
import type { Held } from '../rooms/registry.js';
import { colorOf, type Admitted } from './admission.js';
import { frameOf } from './frame.js';
import type { Gathering, Member } from './gathering.js';
import type { Line } from './line.js';
import { Gaps } from './gaps.js';
import { mostBytes } from './most-bytes.js';
import { firstClient, readAwareness, readMessage, writeSync, type Message } from './y-protocol.js';

/** 4401 and 4403 are final; after 1013 and 1012 a client comes again by itself. */
export const closeCode = { noSession: 4401, refused: 4403, later: 1013, stopping: 1012 };

/** Yjs client ids that one connection may announce in its awareness. */
const ownClients = 16;
/** Bytes of an awareness message that is looked at: a client speaks of itself alone, or echoes what it heard. */
const awarenessBytes = 16 * 1024;
const nothing = new Uint8Array([0, 0]);

export class YConnection {
  readonly #line: Line;
  readonly #admitted: Admitted;
  readonly #budgets: Budgets;
  readonly #held: Held;
  readonly #gathering: Gathering;
  readonly #member: Member;
  /** Client ids that this connection announced as its own. */
  readonly #own = new Set<number>();
  /** The first sync of this connection is still to come. */
  #first = true;
  /** What the client has, where an answer to it waits. */
  #asked: Uint8Array | null = null;
  readonly #gaps = new Gaps();

  constructor(line: Line, given: { admitted: Admitted; held: Held; gathering: Gathering; budgets: Budgets }) {
    this.#line = line;
    this.#admitted = given.admitted;
    this.#held = given.held;
    this.#gathering = given.gathering;
    this.#budgets = given.budgets;
    const { epoch, seq } = given.held.room;
    this.#member = { id: presenceId(), source: line.ws, line, epoch, seq, behind: false };
  }

  get person(): string {
    return this.#admitted.person.id;
  }

  /** The server's sync step 1, and who is here. In one turn, so that no batch falls between the two. */
  greet(): void {
    const { room } = this.#held;
    this.#line.takes(mostBytes(room));
    this.#line.onTooLarge(() => this.close('refused', 'limit: the message is too large'));
    this.#send('step1', room.stateVector());
    room.audience++;
    this.#gathering.join(this.#member);
  }

  leave(): void {
    if (this.#gathering.leave(this.#member.id)) {
      this.#held.room.audience--;
      this.#held.room.presence.leave(this.#member.id);
    }
    this.#held.release();
  }

  /** Something about this person changed. */
  async recheck(): Promise<void> {
    if (!(await this.#admitted.valid())) this.close('noSession', 'no-session: signed out');
    else if (!(await this.#admitted.rights(this.#held.room.name)))
      this.close('refused', 'no-room: your right to this room has ended');
  }

  /** This reader was behind, and has read what waited. */
  async emptied(): Promise<void> {
    const caughtUp = await this.#gathering.catchUp(this.#member).catch(() => false);
    if (!caughtUp) this.close('later', 'busy: you read too slowly');
  }

  close(code: keyof typeof closeCode, reason: string): void {
    this.#line.ws.close(closeCode[code], shortened(reason));
  }

  async receive(data: Buffer): Promise<void> {
    if (!this.#line.open) return;
    this.#line.came();
    const client = firstClient(data);
    // Every y-websocket client echoes what it hears: those ids are ours, and nothing more of it is read.
    const passed = client !== null && (client < 0 || isPresenceId(client)) && data.length <= awarenessBytes;
    const message = passed ? null : readMessage(data);
    if (!passed && !message) return this.close('refused', 'malformed: not a message of this protocol');
    const first = message?.type === 'step2' && this.#first;
    if (!this.#budgets.take(this.person, { bytes: passed ? 0 : data.length, first }))
      return this.close('later', 'busy: over your budget');
    try {
      if (message) await this.#handle(message, client ?? -1);
    } catch {
      this.close('later', 'busy: try again');
    }
  }

  async #handle(message: Message, client: number): Promise<void> {
    switch (message.type) {
      case 'step1':
        return this.#answer(message.stateVector);
      case 'step2': {
        const first = this.#first;
        this.#first = false;
        return this.#submit(message.update, { sync: { own: this.#own }, first });
      }
      case 'update':
        return this.#submit(message.update, {});
      case 'awareness':
        return this.#aware(client, message.states);
      case 'queryAwareness':
        return this.#gathering.tellAll(this.#member.id);
    }
  }

  /** Step 2: what the client lacks, its last part as the one that says that all is there. One answer at a time. */
  async #answer(stateVector: Uint8Array): Promise<void> {
    const waits = this.#asked !== null;
    this.#asked = stateVector;
    if (waits) return;
    await this.#line.clear();
    const asked = this.#asked;
    this.#asked = null;
    const answered = await this.#held.room
      .join({ stateVector: asked }, Infinity, ({ updates, seq }) => {
        for (const update of updates.slice(0, -1)) this.#send('update', update);
        this.#send('step2', updates.at(-1) ?? nothing);
        this.#member.seq = seq;
        this.#member.behind = false;
        return true;
      })
      .catch(() => null);
    if (!answered) this.close('refused', 'malformed: the state vector cannot be read');
  }

  async #submit(
    update: Uint8Array,
    how: { sync?: { own: ReadonlySet<number> }; first?: boolean },
  ): Promise<void> {
    const { room } = this.#held;
    const work = { kind: 'update', update, ...how } as const;
    const answer = await this.#line.during(room.submit(this.#admitted.person, work, this.#line.ws));
    this.#line.takes(mostBytes(room));
    if (answer.ok) return;
    if (answer.code === 'busy' || (answer.code === 'behind' && this.#gaps.tooMany()))
      this.close('later', `busy: ${answer.message}`);
    else if (answer.code === 'behind') this.#send('step1', answer.stateVector ?? room.stateVector());
    else this.close('refused', `${answer.code}: ${answer.message}`);
  }

  #aware(client: number, states: Uint8Array): void {
    if (!this.#own.has(client) && this.#own.size < ownClients) this.#own.add(client);
    if (!this.#own.has(client) || states.length > awarenessBytes) return;
    // Kept until a frame is made: apart from the large chunk that the socket was read into.
    const kept = states.slice();
    const { id, name } = this.#admitted.person;
    this.#held.room.presence.set(this.#member.id, { id, name, color: colorOf(id) }, () => {
      const [entry] = readAwareness(kept, (one) => one === client, 1);
      if (entry?.state === null) return null;
      const { state, bytes } = entry ?? { state: undefined, bytes: 0 };
      if (typeof state !== 'object' || Array.isArray(state) || bytes > presenceBytes) return undefined;
      return state as Record<string, unknown>;
    });
  }

  #send(step: 'step1' | 'step2' | 'update', body: Uint8Array): void {
    this.#line.answer(frameOf(writeSync(step, body), 'binary'));
  }
}

/** A close frame holds 123 bytes of reason. */
const shortened = (reason: string): string =>
  new TextDecoder().decode(new TextEncoder().encode(reason).subarray(0, 120)).replace(/\uFFFD$/, '');
