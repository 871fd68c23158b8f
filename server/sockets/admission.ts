/**
 * Who may open a socket: the one place where both doors ask who somebody is, whether the page that opened the socket
 * is ours, and what they may do in a room. `app.ts` gives it what it needs of `access/`.
 */

import type { Rights } from '#core/roles.js';
import { parseRoom, type RoomName } from '#core/rooms.js';
import type { IncomingMessage } from 'node:http';
import type { Access, Person } from '../rooms/ports.js';

/** Somebody whose session or token was looked up. */
export interface Identity {
  readonly person: Person;
  /** A room token opens this room and no other. */
  readonly only?: RoomName;
}

export interface Credentials {
  readonly cookie: string | undefined;
  /** A token in full, from `auth`, `Authorization: Bearer` or (room tokens only) the query. */
  readonly token: string | undefined;
}

export interface AdmissionServices {
  readonly access: Access;
  /** Null for whoever is not signed in. A token that is given is the only identity. */
  readonly identify: (credentials: Credentials) => Promise<Identity | null>;
  /** Is the page that opens this socket, and the host that it asks for, ours? */
  readonly ours: (request: IncomingMessage) => boolean;
}

/** One connection's standing. It is asked again whenever something about the person changes. */
export interface Admitted extends Identity {
  rights(room: RoomName): Promise<Rights | null>;
  /** Is the session or token still good? */
  valid(): Promise<boolean>;
}

export class Admission {
  readonly #services: AdmissionServices;

  constructor(services: AdmissionServices) {
    this.#services = services;
  }

  /** Null: no session. A socket without a token must come from one of our own pages. */
  async admit(request: IncomingMessage, token: string | undefined): Promise<Admitted | null> {
    const { identify, ours, access } = this.#services;
    if (token === undefined && !ours(request)) return null;
    const credentials = { cookie: request.headers.cookie, token };
    const identity = await identify(credentials);
    if (!identity) return null;
    return {
      ...identity,
      valid: async () => (await identify(credentials)) !== null,
      rights: async (room) => {
        if (identity.only !== undefined && identity.only !== room) return null;
        const rights = await access.rights(identity.person.id, room);
        return rights.read ? rights : null;
      },
    };
  }

  onChange(listener: (person: string) => void): void {
    this.#services.access.onChange(listener);
  }
}

/** The room's name when it is one, else null. */
export const asRoom = (name: string): RoomName | null => (parseRoom(name) ? (name as RoomName) : null);

export function bearer(request: IncomingMessage): string | undefined {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' ? token : undefined;
}

/** A stable colour for a person, one of the six that the page draws people in. */
export function colorOf(id: string): string {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.charCodeAt(0)) >>> 0;
  return `who-${(sum % 6) + 1}`;
}
