/** Everything about who somebody is and what he may do, put together over one database. */

import type { RoomName } from '#core/rooms.js';
import type { PrismaClient } from '../database/client.js';
import type { Clock, Person } from '../rooms/ports.js';
import { Groups } from './groups.js';
import { Invitations } from './invitations.js';
import { Links } from './links.js';
import { People } from './people.js';
import type { RoomRights } from './rights.js';
import { SessionCookie, Sessions, type Session } from './sessions.js';
import { Tokens } from './tokens.js';

/** Somebody whose session or token was looked up. */
export interface Identity {
  readonly person: Person;
  /** By a session cookie: which one. */
  readonly session?: Session;
  /** By a room token: it opens this room and no other. */
  readonly only?: RoomName;
}

interface Credentials {
  readonly cookie: string | undefined;
  /** Where there is one, it is the only identity. */
  readonly token: string | undefined;
}

export interface AccessServices {
  readonly people: People;
  readonly groups: Groups;
  readonly invitations: Invitations;
  readonly sessions: Sessions;
  readonly cookie: SessionCookie;
  readonly tokens: Tokens;
  readonly links: Links;
  /** What rooms ask. */
  readonly rights: RoomRights;
  /** Null for whoever is not signed in. Rejects when the database is away. */
  readonly identify: (credentials: Credentials) => Promise<Identity | null>;
  /** Signs out, here and in open sockets. */
  endSession(session: Session): Promise<void>;
  /** Takes what has expired out of the database: now and then. */
  sweep(): Promise<void>;
}

export interface AccessOptions {
  readonly prisma: PrismaClient;
  /** The server's id, of `prepareInstance`. */
  readonly instance: string;
  /** Made before this, because rooms ask it, and the first start writes into rooms. */
  readonly rights: RoomRights;
  /** People use the server over https. */
  readonly secure: boolean;
  readonly clock: Clock;
  /** Where the host may have left a sign-in link for the owner (`leaveHostLink`): the folder of an embedded database. */
  readonly dataDir?: string | undefined;
}

export function createAccess({
  prisma,
  instance,
  rights,
  secure,
  clock,
  dataDir,
}: AccessOptions): AccessServices {
  const sessions = new Sessions(prisma, clock);
  const cookie = new SessionCookie(instance, secure);
  const tokens = new Tokens(prisma, clock, (personId) => rights.personChanged(personId));

  const byToken = async (token: string): Promise<Identity | null> => {
    const forRoom = await tokens.findForRoom(token);
    if (forRoom) return { person: forRoom.person, only: forRoom.room };
    const person = await tokens.find(token);
    return person && { person };
  };

  const byCookie = async (header: string | undefined): Promise<Identity | null> => {
    const secret = cookie.read(header);
    const session = secret ? await sessions.find(secret) : null;
    return session && { person: session.person, session };
  };

  return {
    people: new People(prisma, clock, sessions, rights),
    groups: new Groups(prisma, rights),
    invitations: new Invitations(prisma, clock),
    links: new Links(prisma, clock, sessions, dataDir),
    sessions,
    cookie,
    tokens,
    rights,
    identify: ({ cookie: header, token }) => (token === undefined ? byCookie(header) : byToken(token)),
    endSession: async (session) => {
      await sessions.end(session.id);
      rights.personChanged(session.person.id);
    },
    sweep: async () => {
      const expired = { where: { expiresAt: { lt: new Date(clock.now()) } } };
      await prisma.session.deleteMany(expired);
      await prisma.roomToken.deleteMany(expired);
      await prisma.signInLink.deleteMany(expired);
    },
  };
}
