/** Joining a group by an invitation, and what people are called in it. */

import { v7 as uuid } from 'uuid';
import { ok, type Result } from '#core/result.js';
import type { Role } from '#core/roles.js';
import type { Prisma, PrismaClient } from '../database/client.js';
import type { Clock, Person } from '../rooms/ports.js';
import { isOpen } from './invitations.js';
import { alike, nameKey, proposeName } from './names.js';
import type { RoomRights } from './rights.js';
import type { Session, Sessions } from './sessions.js';

export interface GroupView {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

export interface Joined {
  readonly user: Person;
  readonly group: GroupView;
  /** False for one who was a member already: nothing changed. */
  readonly isNew: boolean;
  /** The secret of the new session's cookie; null for somebody who came without a session, by his token. */
  readonly secret: string | null;
}

/** `no-invitation`: unknown, revoked, full and expired alike. */
export type JoinRefusal =
  { readonly code: 'no-invitation' } | { readonly code: 'name-taken'; readonly proposal: string };

export interface JoinRequest {
  readonly code: string;
  /** As `readName` gives it. */
  readonly name: string;
  /** Who joins, where it is somebody whom we know already. */
  readonly person?: Person | undefined;
  /** His session, which ends: the new one takes its place. */
  readonly session?: Session | undefined;
}

type Tx = Prisma.TransactionClient;

/** Everyone who joins, changes a name or a role in this group waits here for his turn. */
export const lockGroup = (tx: Tx, groupId: string): Promise<unknown> =>
  tx.$queryRaw`SELECT 1 FROM groups WHERE id = ${groupId}::uuid FOR UPDATE`;

export class People {
  readonly #prisma: PrismaClient;
  readonly #clock: Clock;
  readonly #sessions: Sessions;
  readonly #rights: RoomRights;

  constructor(prisma: PrismaClient, clock: Clock, sessions: Sessions, rights: RoomRights) {
    this.#prisma = prisma;
    this.#clock = clock;
    this.#sessions = sessions;
    this.#rights = rights;
  }

  /** The first who joins an empty group is its owner: of two at once, one. */
  async join(request: JoinRequest): Promise<Result<Joined, JoinRefusal>> {
    const result = await this.#prisma.$transaction((tx) => this.#join(tx, request));
    if (result.ok) this.#rights.personChanged(result.value.user.id);
    return result;
  }

  async #join(tx: Tx, { code, name, person, session }: JoinRequest): Promise<Result<Joined, JoinRefusal>> {
    const none: Result<never, JoinRefusal> = { ok: false, error: { code: 'no-invitation' } };
    const found = await tx.invitation.findUnique({ where: { code }, select: { id: true, groupId: true } });
    if (!found) return none;
    await lockGroup(tx, found.groupId);
    const invitation = await tx.invitation.findUniqueOrThrow({
      where: { id: found.id },
      include: { group: true },
    });
    if (!isOpen(invitation, this.#clock.now())) return none;

    const { group } = invitation;
    const members = await tx.membership.findMany({
      where: { groupId: group.id },
      select: { personId: true, name: true, role: true },
    });
    const before = members.find((member) => member.personId === person?.id);
    if (person && before) {
      const secret = session ? await this.#renew(tx, session) : null;
      return ok({ user: person, group: groupView(group, before.role), isNew: false, secret });
    }

    const taken = members.map((member) => member.name);
    if (taken.some((other) => alike(other, name)))
      return { ok: false, error: { code: 'name-taken', proposal: proposeName(name, taken) } };

    const now = new Date(this.#clock.now());
    const user = person ?? { id: uuid(), name };
    if (!person) await tx.person.create({ data: { ...user, createdAt: now } });
    const founder = group.founderId === null && members.length === 0;
    if (founder) await tx.group.update({ where: { id: group.id }, data: { founderId: user.id } });
    const role = founder ? 'owner' : invitation.role;
    await tx.invitation.update({ where: { id: invitation.id }, data: { uses: { increment: 1 } } });
    await tx.membership.create({
      data: { groupId: group.id, personId: user.id, role, name, nameKey: nameKey(name), joinedAt: now },
    });
    const secret = session
      ? await this.#renew(tx, session)
      : person
        ? null
        : await this.#sessions.begin(user.id, tx);
    return ok({ user, group: groupView(group, role), isNew: true, secret });
  }

  /** A new session takes the place of the old one, so that a secret which others may have set leads nowhere. */
  async #renew(tx: Tx, session: Session): Promise<string> {
    await this.#sessions.end(session.id, tx);
    return this.#sessions.begin(session.person.id, tx);
  }

  async groupsOf(personId: string): Promise<GroupView[]> {
    const rows = await this.#prisma.membership.findMany({
      where: { personId },
      include: { group: { select: { id: true, name: true } } },
      orderBy: { groupId: 'asc' },
    });
    return rows.map(({ group, role }) => groupView(group, role));
  }

  /** A new name in every group, or in none. `name` is as `readName` gives it. */
  async rename(
    person: Person,
    name: string,
  ): Promise<Result<Person, Extract<JoinRefusal, { code: 'name-taken' }>>> {
    const result = await this.#prisma.$transaction(async (tx) => {
      const own = await tx.membership.findMany({
        where: { personId: person.id },
        orderBy: { groupId: 'asc' },
      });
      for (const { groupId } of own) await lockGroup(tx, groupId);
      const others = await tx.membership.findMany({
        where: { groupId: { in: own.map(({ groupId }) => groupId) }, personId: { not: person.id } },
        select: { name: true },
      });
      const taken = others.map((other) => other.name);
      if (taken.some((other) => alike(other, name)))
        return { ok: false, error: { code: 'name-taken', proposal: proposeName(name, taken) } } as const;
      await tx.membership.updateMany({
        where: { personId: person.id },
        data: { name, nameKey: nameKey(name) },
      });
      await tx.person.update({ where: { id: person.id }, data: { name } });
      return ok({ id: person.id, name });
    });
    if (result.ok) this.#rights.personChanged(person.id);
    return result;
  }

  /** What these people are called, in the group where they belong to it. Unknown ids are left out. */
  async names(groupId: string | null, ids: Iterable<string>): Promise<Map<string, string>> {
    const people = await this.#prisma.person.findMany({
      where: { id: { in: [...ids] } },
      select: { id: true, name: true },
    });
    const names = new Map(people.map(({ id, name }) => [id, name]));
    if (groupId === null) return names;
    const members = await this.#prisma.membership.findMany({
      where: { groupId, personId: { in: [...names.keys()] } },
      select: { personId: true, name: true },
    });
    for (const { personId, name } of members) names.set(personId, name);
    return names;
  }
}

const groupView = (group: { id: string; name: string }, role: string): GroupView => ({
  id: group.id,
  name: group.name,
  role: role as Role,
});
