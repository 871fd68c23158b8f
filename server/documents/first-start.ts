/** What an empty database begins with: this server's identity, a group, an invitation to it, and something to read. */

import { v7 as uuid } from 'uuid';
import { ok, type Result } from '#core/result.js';
import { roomName } from '#core/rooms.js';
import { newCode } from '../access/secrets.js';
import type { Prisma, PrismaClient } from '../database/client.js';
import type { RoomDoor } from '../rooms/door.js';
import { createDocument } from './library.js';
import type { ImportedText } from './text-import.js';

export interface Instance {
  /** The server's id. */
  readonly id: string;
  /** True where this call made it. */
  readonly isNew: boolean;
}

export interface FirstStart {
  readonly prisma: PrismaClient;
  readonly door: Pick<RoomDoor, 'edit'>;
  /** The file that `ESSAY` names; read only when the database is empty. */
  readonly essay: string | undefined;
  readonly now: number;
}

/**
 * The server's identity; where there is none yet, everything is made. The texts come first and the rows last, in one
 * transaction, so that a start which fails between leaves nothing that anyone could see and the next begins anew.
 * An error is one sentence about `ESSAY`.
 */
export async function prepareInstance({
  prisma,
  door,
  essay,
  now,
}: FirstStart): Promise<Result<Instance, string>> {
  const before = await prisma.instance.findFirst();
  if (before) return ok({ id: before.id, isNew: false });

  const imported = await firstTexts(essay);
  if (!imported.ok) return imported;
  const texts = imported.value.map((text) => ({ id: uuid(), text }));
  for (const { id, text } of texts) {
    const answer = await door.edit(roomName('content', id), (doc) => {
      // It is done again where the answer to its commit was lost.
      const content = doc.getText('content');
      if (content.length === 0) content.applyDelta([...text.delta]);
    });
    if (!answer.ok) throw new Error(`the first document was not stored: ${answer.code}: ${answer.message}`);
  }
  return ok(await prisma.$transaction((tx) => makeInstance(tx, texts, now)));
}

/** What reads texts is loaded here: every later start does without it. */
async function firstTexts(essay: string | undefined): Promise<Result<readonly ImportedText[], string>> {
  if (essay === undefined) return ok((await import('./sample.js')).sampleTexts);
  const { readEssay } = await import('./essay.js');
  const text = await readEssay(essay);
  return text.ok ? ok([text.value]) : text;
}

async function makeInstance(
  tx: Prisma.TransactionClient,
  texts: readonly { readonly id: string; readonly text: ImportedText }[],
  now: number,
): Promise<Instance> {
  // Of several servers that start on one empty database, one makes everything.
  await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(72707370)) AS turn`;
  const other = await tx.instance.findFirst();
  if (other) return { id: other.id, isNew: false };

  const createdAt = new Date(now);
  const { id } = await tx.instance.create({ data: { id: uuid(), createdAt } });
  const name = texts.every(({ text }) => text.language === 'zh') ? '读书会' : 'Reading group';
  const group = await tx.group.create({ data: { id: uuid(), name, createdAt } });
  await tx.invitation.create({
    data: { id: uuid(), groupId: group.id, code: newCode(), role: 'reader', createdAt },
  });
  for (const { id: documentId, text } of texts)
    await createDocument(tx, { id: documentId, groupId: group.id, text, now });
  return { id, isNew: true };
}

/** The first group of this server: the one that its printed join link leads to. */
export async function firstGroup(prisma: PrismaClient): Promise<string> {
  const { id } = await prisma.group.findFirstOrThrow({ orderBy: { id: 'asc' }, select: { id: true } });
  return id;
}
