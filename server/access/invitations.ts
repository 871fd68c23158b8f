/** Invitation links of a group: made, listed and revoked by its owners. Their codes are kept readable for them. */

import { v7 as uuid } from 'uuid';
import type { Role } from '#core/roles.js';
import type { Prisma, PrismaClient } from '../database/client.js';
import type { Clock } from '../rooms/ports.js';
import { newCode } from './secrets.js';

export interface InvitationView {
  readonly id: string;
  readonly code: string;
  readonly role: Role;
  readonly created: Date;
  readonly expires: Date | null;
  /** How many may join by it; null: any number. */
  readonly uses: number | null;
  /** How many have. */
  readonly used: number;
}

export interface InvitationTerms {
  readonly role?: Role | undefined;
  readonly expires?: Date | null | undefined;
  readonly uses?: number | null | undefined;
}

interface Row {
  id: string;
  code: string;
  role: string;
  createdAt: Date;
  expiresAt: Date | null;
  maxUses: number | null;
  uses: number;
  revokedAt: Date | null;
}

const view = (row: Row): InvitationView => ({
  id: row.id,
  code: row.code,
  role: row.role as Role,
  created: row.createdAt,
  expires: row.expiresAt,
  uses: row.maxUses,
  used: row.uses,
});

/** May somebody join by it now? */
export const isOpen = (
  row: Pick<Row, 'expiresAt' | 'maxUses' | 'uses' | 'revokedAt'>,
  now: number,
): boolean =>
  row.revokedAt === null &&
  (row.expiresAt === null || row.expiresAt.getTime() > now) &&
  (row.maxUses === null || row.uses < row.maxUses);

export class Invitations {
  readonly #prisma: PrismaClient;
  readonly #clock: Clock;

  constructor(prisma: PrismaClient, clock: Clock) {
    this.#prisma = prisma;
    this.#clock = clock;
  }

  async create(
    groupId: string,
    createdById: string | null,
    { role = 'reader', expires = null, uses = null }: InvitationTerms,
    prisma: Prisma.TransactionClient = this.#prisma,
  ): Promise<InvitationView> {
    return view(
      await prisma.invitation.create({
        data: {
          id: uuid(),
          groupId,
          createdById,
          code: newCode(),
          role,
          expiresAt: expires,
          maxUses: uses,
          createdAt: new Date(this.#clock.now()),
        },
      }),
    );
  }

  /** Those that are not revoked, newest first. */
  async list(groupId: string): Promise<InvitationView[]> {
    const rows = await this.#prisma.invitation.findMany({
      where: { groupId, revokedAt: null },
      orderBy: { id: 'desc' },
    });
    return rows.map(view);
  }

  /** False where the group has no such invitation. */
  async revoke(groupId: string, id: string): Promise<boolean> {
    const { count } = await this.#prisma.invitation.updateMany({
      where: { id, groupId, revokedAt: null },
      data: { revokedAt: new Date(this.#clock.now()) },
    });
    return count > 0;
  }

  /** The code of the link that the server prints: the group's oldest open one for readers, else a new one. */
  async printed(groupId: string): Promise<string> {
    const rows = await this.#prisma.invitation.findMany({
      where: { groupId, revokedAt: null, role: 'reader' },
      orderBy: { id: 'asc' },
    });
    const open = rows.find((row) => isOpen(row, this.#clock.now()));
    return open?.code ?? (await this.create(groupId, null, {})).code;
  }

  /** What an invitation leads to, for somebody who has not joined yet; null for one by which nobody can join. */
  async preview(code: string): Promise<{ group: string; documents: string[]; readers: number } | null> {
    const row = await this.#prisma.invitation.findUnique({
      where: { code },
      include: {
        group: { include: { documents: { where: { removedAt: null }, orderBy: { id: 'asc' }, take: 20 } } },
      },
    });
    if (!row || !isOpen(row, this.#clock.now())) return null;
    return {
      group: row.group.name,
      documents: row.group.documents.map(({ title }) => title),
      readers: await this.#prisma.membership.count({ where: { groupId: row.groupId } }),
    };
  }
}
