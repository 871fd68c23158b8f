/**
 * Signed-in browsers. The cookie holds a secret of which only the hash is stored; it lasts a year from the last day
 * on which it was used.
 */

import { parseCookie, stringifySetCookie } from 'cookie';
import { v7 as uuid } from 'uuid';
import type { Prisma, PrismaClient } from '../database/client.js';
import type { Clock, Person } from '../rooms/ports.js';
import { hashOf, newSecret } from './secrets.js';

export interface Session {
  readonly id: string;
  readonly person: Person;
  /** The cookie should be sent again, because its year began anew. */
  readonly renewed: boolean;
}

const day = 24 * 60 * 60 * 1000;
const year = 365 * day;

export class Sessions {
  readonly #prisma: PrismaClient;
  readonly #clock: Clock;

  constructor(prisma: PrismaClient, clock: Clock) {
    this.#prisma = prisma;
    this.#clock = clock;
  }

  /** Signs the person in; returns the cookie's secret, which is not kept. Inside a transaction, pass it. */
  async begin(personId: string, prisma: Prisma.TransactionClient = this.#prisma): Promise<string> {
    const secret = newSecret();
    const expiresAt = new Date(this.#clock.now() + year);
    await prisma.session.create({ data: { id: uuid(), personId, secretHash: hashOf(secret), expiresAt } });
    return secret;
  }

  /** Whose session it is; null for an unknown or expired secret. */
  async find(secret: string): Promise<Session | null> {
    const row = await this.#prisma.session.findUnique({
      where: { secretHash: hashOf(secret) },
      include: { person: { select: { id: true, name: true } } },
    });
    const now = this.#clock.now();
    if (!row || row.expiresAt.getTime() <= now) return null;
    const renewed = row.expiresAt.getTime() < now + year - day;
    if (renewed) await this.#renew(row.id, now);
    return { id: row.id, person: row.person, renewed };
  }

  async #renew(id: string, now: number): Promise<void> {
    // Signed out meanwhile: then there is nothing to renew.
    await this.#prisma.session.updateMany({ where: { id }, data: { expiresAt: new Date(now + year) } });
  }

  async end(id: string, prisma: Prisma.TransactionClient = this.#prisma): Promise<void> {
    await prisma.session.deleteMany({ where: { id } });
  }
}

/** The session cookie of one server: servers on other ports of the same host keep theirs. */
export class SessionCookie {
  readonly name: string;
  readonly #secure: boolean;

  /** @param instance the server's id. @param secure people use the server over https. */
  constructor(instance: string, secure: boolean) {
    this.#secure = secure;
    // The end of a version 7 UUID is random; its beginning is the time.
    this.name = `${this.#secure ? '__Host-' : ''}marginalia_${instance.slice(-8)}`;
  }

  /** The secret in a `Cookie` header. */
  read(header: string | undefined): string | undefined {
    return header === undefined ? undefined : parseCookie(header)[this.name];
  }

  /** A `Set-Cookie` header; null clears it. */
  write(secret: string | null): string {
    return stringifySetCookie({
      name: this.name,
      value: secret ?? '',
      httpOnly: true,
      sameSite: 'lax',
      secure: this.#secure,
      path: '/',
      maxAge: secret === null ? 0 : year / 1000,
    });
  }
}
