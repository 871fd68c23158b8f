/**
 * Tokens of scripts: long-lived ones for `Authorization: Bearer`, and room tokens, which open one room for 12 hours
 * and may therefore stand in an address. Both are shown once; only their hashes are stored.
 */

import { v7 as uuid } from 'uuid';
import type { RoomName } from '#core/rooms.js';
import type { PrismaClient } from '../database/client.js';
import type { Clock, Person } from '../rooms/ports.js';
import { hashOf, newSecret } from './secrets.js';

export interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly created: Date;
  readonly lastUsed: Date | null;
}

const hour = 60 * 60 * 1000;
const roomTokenLife = 12 * hour;
const tokenPrefix = 'mgn_';
const roomTokenPrefix = 'mgr_';

/** Is it a room token by its form? No other kind may stand in an address. */
const isRoomToken = (token: string): boolean => token.startsWith(roomTokenPrefix);

const view = (row: { id: string; name: string; createdAt: Date; lastUsedAt: Date | null }): TokenView => ({
  id: row.id,
  name: row.name,
  created: row.createdAt,
  lastUsed: row.lastUsedAt,
});

export class Tokens {
  readonly #prisma: PrismaClient;
  readonly #clock: Clock;
  readonly #ended: (personId: string) => void;

  /** @param ended told when a token of this person no longer counts. */
  constructor(prisma: PrismaClient, clock: Clock, ended: (personId: string) => void) {
    this.#prisma = prisma;
    this.#clock = clock;
    this.#ended = ended;
  }

  async create(personId: string, name: string): Promise<TokenView & { readonly token: string }> {
    const token = newSecret(tokenPrefix);
    const row = await this.#prisma.token.create({
      data: { id: uuid(), personId, name, secretHash: hashOf(token), createdAt: new Date(this.#clock.now()) },
    });
    return { ...view(row), token };
  }

  async list(personId: string): Promise<TokenView[]> {
    return (await this.#prisma.token.findMany({ where: { personId }, orderBy: { id: 'desc' } })).map(view);
  }

  /** Null where the person has no such token. */
  async get(personId: string, id: string): Promise<TokenView | null> {
    const row = await this.#prisma.token.findFirst({ where: { id, personId } });
    return row && view(row);
  }

  /** False where the person has no such token. */
  async remove(personId: string, id: string): Promise<boolean> {
    const { count } = await this.#prisma.token.deleteMany({ where: { id, personId } });
    if (count > 0) this.#ended(personId);
    return count > 0;
  }

  /** Whose long-lived token it is. */
  async find(token: string): Promise<Person | null> {
    if (!token.startsWith(tokenPrefix)) return null;
    const row = await this.#prisma.token.findUnique({
      where: { secretHash: hashOf(token) },
      include: { person: { select: { id: true, name: true } } },
    });
    if (!row) return null;
    const now = this.#clock.now();
    // To the hour: a script in a loop does not write a row a request.
    if (row.lastUsedAt === null || row.lastUsedAt.getTime() < now - hour)
      await this.#prisma.token.updateMany({ where: { id: row.id }, data: { lastUsedAt: new Date(now) } });
    return row.person;
  }

  /** The caller has made sure that the person may read the room; it is asked again whenever the token is used. */
  async createForRoom(
    personId: string,
    room: RoomName,
  ): Promise<{ readonly token: string; readonly expires: Date }> {
    const token = newSecret(roomTokenPrefix);
    const expires = new Date(this.#clock.now() + roomTokenLife);
    await this.#prisma.roomToken.create({
      data: { secretHash: hashOf(token), personId, room, expiresAt: expires },
    });
    return { token, expires };
  }

  /** Whose room token it is, and for which room; null when it is unknown or has expired. */
  async findForRoom(token: string): Promise<{ readonly person: Person; readonly room: RoomName } | null> {
    if (!isRoomToken(token)) return null;
    const row = await this.#prisma.roomToken.findUnique({
      where: { secretHash: hashOf(token) },
      include: { person: { select: { id: true, name: true } } },
    });
    if (!row || row.expiresAt.getTime() <= this.#clock.now()) return null;
    return { person: row.person, room: row.room as RoomName };
  }
}
