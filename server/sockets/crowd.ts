/**
 * The Socket.IO connections in one room: what the room says goes to all of them, encoded once. Who has fallen behind is
 * sent nothing more; when he has read the rest he gets the newest frame that he missed, and by its `seq` he sees whether
 * it was the only one: else he joins again.
 */

import type { RoomName } from '#core/rooms.js';
import type { Source } from '../rooms/batch.js';
import type { Held } from '../rooms/registry.js';
import type { Socket } from 'socket.io';
import { encoded, type Encoded, type Engine } from './engine.js';

interface Member {
  readonly socket: Socket;
  readonly engine: Engine;
  /** The newest frame that it was not sent. */
  missed: Encoded | null;
}

export class Crowd {
  readonly #members = new Map<Source, Member>();
  readonly #stop: () => void;

  constructor(room: RoomName, { room: live }: Held) {
    this.#stop = live.subscribe({
      committed: ({ update, seq, only }) => {
        const bytes = Buffer.from(update.buffer, update.byteOffset, update.byteLength);
        const frame = encoded('room:update', { room, update: bytes, seq });
        for (const member of this.#members.values())
          if (member.socket !== only && (member.missed || !member.engine.post(member.socket, frame)))
            member.missed = frame;
      },
      presence: ({ people, left, counts }) => {
        const frame = encoded('presence', {
          room,
          people: [...people],
          left: [...left],
          ...(counts && { counts }),
        });
        for (const { socket, engine } of this.#members.values()) engine.post(socket, frame);
      },
    });
  }

  join(socket: Socket, engine: Engine): void {
    this.#members.set(socket, { socket, engine, missed: null });
  }

  /** True when it was the last. */
  leave(socket: Socket): boolean {
    this.#members.delete(socket);
    if (this.#members.size > 0) return false;
    this.#stop();
    return true;
  }

  /** It was behind, and has read what waited. */
  emptied(socket: Socket): void {
    const member = this.#members.get(socket);
    if (!member?.missed) return;
    const { missed } = member;
    member.missed = null;
    if (!member.engine.post(socket, missed)) member.missed = missed;
  }
}
