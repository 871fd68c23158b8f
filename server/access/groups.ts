/** Who belongs to a group: listed by its members, changed by its owners. What changes, holds at once in open rooms. */

import { ok, type Result } from '#core/result.js';
import type { Role } from '#core/roles.js';
import type { Prisma, PrismaClient } from '../database/client.js';
import { lockGroup } from './people.js';
import type { RoomRights } from './rights.js';

export interface MemberView {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly joined: Date;
}

/** `no-member`: nobody of that id belongs to the group. `last-owner`: a group is never without an owner. */
export type MemberRefusal = 'no-member' | 'last-owner';

interface Row {
  personId: string;
  name: string;
  role: string;
  joinedAt: Date;
}

const view = (row: Row): MemberView => ({
  id: row.personId,
  name: row.name,
  role: row.role as Role,
  joined: row.joinedAt,
});

export class Groups {
  readonly #prisma: PrismaClient;
  readonly #rights: RoomRights;

  constructor(prisma: PrismaClient, rights: RoomRights) {
    this.#prisma = prisma;
    this.#rights = rights;
  }

  /** In the order of their ids, which is that of their coming; at most `limit` after the id `after`. */
  async members(groupId: string, after: string | null, limit: number): Promise<MemberView[]> {
    const rows = await this.#prisma.membership.findMany({
      where: { groupId, ...(after !== null && { personId: { gt: after } }) },
      orderBy: { personId: 'asc' },
      take: limit,
    });
    return rows.map(view);
  }

  changeRole(groupId: string, personId: string, role: Role): Promise<Result<MemberView, MemberRefusal>> {
    return this.#change(groupId, personId, role === 'owner', async (tx) => {
      const where = { groupId_personId: { groupId, personId } };
      return view(await tx.membership.update({ where, data: { role } }));
    });
  }

  remove(groupId: string, personId: string): Promise<Result<null, MemberRefusal>> {
    return this.#change(groupId, personId, false, async (tx) => {
      await tx.membership.delete({ where: { groupId_personId: { groupId, personId } } });
      return null;
    });
  }

  async #change<T>(
    groupId: string,
    personId: string,
    staysOwner: boolean,
    change: (tx: Prisma.TransactionClient) => Promise<T>,
  ): Promise<Result<T, MemberRefusal>> {
    const result = await this.#prisma.$transaction(async (tx): Promise<Result<T, MemberRefusal>> => {
      await lockGroup(tx, groupId);
      const member = await tx.membership.findUnique({ where: { groupId_personId: { groupId, personId } } });
      if (!member) return { ok: false, error: 'no-member' };
      const owners = await tx.membership.count({ where: { groupId, role: 'owner' } });
      if (member.role === 'owner' && owners === 1 && !staysOwner) return { ok: false, error: 'last-owner' };
      return ok(await change(tx));
    });
    if (result.ok) this.#rights.personChanged(personId);
    return result;
  }
}
