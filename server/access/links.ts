/** One-time links by which a person signs in on another device, or an owner again after everything was lost. */

import { ok, type Result } from '#core/result.js';
import type { PrismaClient } from '../database/client.js';
import type { Clock, Person } from '../rooms/ports.js';
import { takeHostLink } from './host-link.js';
import type { SignInLink } from './sign-in-link.js';
import { hashOf, newSecret } from './secrets.js';
import type { Sessions } from './sessions.js';

export interface SignedIn {
  readonly person: Person;
  /** The secret of the new session's cookie. */
  readonly secret: string;
}

const life = 10 * 60 * 1000;

async function createLink(prisma: PrismaClient, personId: string, now: number): Promise<SignInLink> {
  const code = newSecret();
  const expires = new Date(now + life);
  await prisma.signInLink.create({ data: { secretHash: hashOf(code), personId, expiresAt: expires } });
  return { code, expires };
}

export class Links {
  readonly #prisma: PrismaClient;
  readonly #clock: Clock;
  readonly #sessions: Sessions;
  readonly #dataDir: string | undefined;

  /** @param dataDir where the host may have left a link for the owner. */
  constructor(prisma: PrismaClient, clock: Clock, sessions: Sessions, dataDir?: string) {
    this.#prisma = prisma;
    this.#clock = clock;
    this.#sessions = sessions;
    this.#dataDir = dataDir;
  }

  create(personId: string): Promise<SignInLink> {
    return createLink(this.#prisma, personId, this.#clock.now());
  }

  /** Uses the link up. Null for an unknown, used or expired one: all alike. */
  async redeem(code: string): Promise<SignedIn | null> {
    return (await this.#redeemStored(code)) ?? (await this.#redeemFromHost(code));
  }

  async #redeemFromHost(code: string): Promise<SignedIn | null> {
    if (this.#dataDir === undefined) return null;
    const owner = await findOwner(this.#prisma);
    if (!owner || !(await takeHostLink(this.#dataDir, code, this.#clock.now()))) return null;
    return { person: owner, secret: await this.#sessions.begin(owner.id) };
  }

  #redeemStored(code: string): Promise<SignedIn | null> {
    const now = new Date(this.#clock.now());
    const secretHash = hashOf(code);
    return this.#prisma.$transaction(async (tx) => {
      const { count } = await tx.signInLink.updateMany({
        where: { secretHash, usedAt: null, expiresAt: { gt: now } },
        data: { usedAt: now },
      });
      if (count === 0) return null;
      const { person } = await tx.signInLink.findUniqueOrThrow({
        where: { secretHash },
        select: { person: { select: { id: true, name: true } } },
      });
      return { person, secret: await this.#sessions.begin(person.id, tx) };
    });
  }
}

/** Of several owners the one who has been it longest. */
async function findOwner(prisma: PrismaClient): Promise<Person | null> {
  const owner = await prisma.membership.findFirst({
    where: { role: 'owner' },
    orderBy: [{ joinedAt: 'asc' }, { personId: 'asc' }],
    select: { person: { select: { id: true, name: true } } },
  });
  return owner?.person ?? null;
}

/** A link for the owner, for whoever has the host. An error is one sentence. */
export async function ownerLink(
  prisma: PrismaClient,
  now = Date.now(),
): Promise<Result<SignInLink & { readonly person: Person }, string>> {
  const person = await findOwner(prisma);
  if (!person)
    return { ok: false, error: 'Nobody has joined yet: the first who opens the join link is the owner.' };
  return ok({ ...(await createLink(prisma, person.id, now)), person });
}
