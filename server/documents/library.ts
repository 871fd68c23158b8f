/** The documents that a person may read, with their layers: found, listed, renamed, removed. */

import { v7 as uuid } from 'uuid';
import { roomName } from '#core/rooms.js';
import type { RoomRights } from '../access/rights.js';
import type { Prisma, PrismaClient } from '../database/client.js';
import type { Clock } from '../rooms/ports.js';
import type { ImportedText } from './text-import.js';

interface LayerView {
  readonly id: string;
  readonly kind: 'shared' | 'private' | 'section';
  readonly name: string;
}

/** A document as one reader sees it. */
export interface DocumentView {
  readonly id: string;
  readonly title: string;
  /** The author line of the text. */
  readonly author: string | null;
  /** BCP 47. */
  readonly language: string;
  /** UTF-16 code units of the content when it was imported. */
  readonly length: number;
  readonly group: { readonly id: string; readonly name: string };
  /** The shared one, and the reader's private one once it is made. */
  readonly layers: readonly LayerView[];
  readonly created: Date;
}

export interface DocumentChange {
  readonly title?: string | undefined;
  readonly author?: string | null | undefined;
  readonly language?: string | undefined;
}

const withLayers = (personId: string) =>
  ({
    group: { select: { id: true, name: true } },
    layers: {
      where: { OR: [{ kind: 'shared' }, { kind: 'private', ownerId: personId }] },
      orderBy: { id: 'asc' },
    },
  }) satisfies Prisma.DocumentInclude;

type Row = Prisma.DocumentGetPayload<{ include: ReturnType<typeof withLayers> }>;

const view = (row: Row): DocumentView => ({
  id: row.id,
  title: row.title,
  author: row.author,
  language: row.language,
  length: row.length,
  group: row.group,
  layers: row.layers.map(({ id, kind, name }) => ({ id, kind: kind as LayerView['kind'], name })),
  created: row.createdAt,
});

export class Library {
  readonly #prisma: PrismaClient;
  readonly #rights: RoomRights;
  readonly #clock: Clock;

  constructor(prisma: PrismaClient, rights: RoomRights, clock: Clock) {
    this.#prisma = prisma;
    this.#rights = rights;
    this.#clock = clock;
  }

  /** In the order in which they came; at most `limit` after the id `after`. */
  async list(personId: string, after: string | null, limit: number): Promise<DocumentView[]> {
    const rows = await this.#prisma.document.findMany({
      where: {
        removedAt: null,
        group: { memberships: { some: { personId } } },
        ...(after !== null && { id: { gt: after } }),
      },
      include: withLayers(personId),
      orderBy: { id: 'asc' },
      take: limit,
    });
    return rows.map(view);
  }

  /** Null where there is none, or none that this person may read. */
  async find(personId: string, id: string): Promise<DocumentView | null> {
    const { read } = await this.#rights.rights(personId, roomName('content', id));
    if (!read) return null;
    const row = await this.#prisma.document.findUnique({ where: { id }, include: withLayers(personId) });
    return row && view(row);
  }

  /** The same, with the reader's private layer, which is made when there is none yet. */
  async open(personId: string, id: string): Promise<DocumentView | null> {
    const found = await this.find(personId, id);
    if (!found || found.layers.some(({ kind }) => kind === 'private')) return found;
    // Two tabs at once make one: the second finds the first's.
    await this.#prisma.layer.createMany({
      data: [{ id: uuid(), documentId: id, kind: 'private', name: 'Private', ownerId: personId }],
      skipDuplicates: true,
    });
    return this.find(personId, id);
  }

  async change(id: string, { title, author, language }: DocumentChange): Promise<void> {
    await this.#prisma.document.update({
      where: { id },
      data: {
        ...(title !== undefined && { title }),
        ...(author !== undefined && { author }),
        ...(language !== undefined && { language }),
      },
    });
  }

  /** Its rooms close at once, for everyone. What they hold stays in the log. */
  async remove(id: string): Promise<void> {
    const { groupId } = await this.#prisma.document.update({
      where: { id },
      data: { removedAt: new Date(this.#clock.now()) },
    });
    const members = await this.#prisma.membership.findMany({
      where: { groupId },
      select: { personId: true },
    });
    this.#rights.documentChanged(
      id,
      members.map(({ personId }) => personId),
    );
  }
}

/** The rows of a document whose content room is written: the document and its shared layer. */
export async function createDocument(
  tx: Prisma.TransactionClient,
  about: { readonly id: string; readonly groupId: string; readonly text: ImportedText; readonly now: number },
): Promise<void> {
  const { id, groupId, text, now } = about;
  const { title, author, language, length } = text;
  const createdAt = new Date(now);
  await tx.document.create({ data: { id, groupId, title, author, language, length, createdAt } });
  await tx.layer.create({ data: { id: uuid(), documentId: id, kind: 'shared', name: 'Shared', createdAt } });
}
