/**
 * What a person may do in a room, from his role in the group that the room's document belongs to. Asked for every
 * batch of every room, so what it read stays in memory until a change is told to it.
 */

import { noRights, privateRights, rightsOf, type Rights, type Role } from '#core/roles.js';
import { parseRoom, roomName, UUID, type RoomName } from '#core/rooms.js';
import type { PrismaClient } from '../database/client.js';
import type { Access } from '../rooms/ports.js';

/** Where a layer belongs. None of it ever changes. */
export interface LayerPlace {
  readonly id: string;
  readonly document: string;
  readonly kind: 'shared' | 'private' | 'section';
  readonly owner: string | null;
}

/** A document's group, and whether the document is still there. */
interface DocumentPlace {
  readonly group: string;
  readonly removed: boolean;
}

/** Entries that are kept of each kind; past it the oldest goes. */
const kept = 20_000;

/** Values by id, read once. What was read while it was being dropped is not kept. */
class Kept<T> {
  readonly #values = new Map<string, T>();
  readonly #read: (id: string) => Promise<T | null>;
  #drops = 0;

  constructor(read: (id: string) => Promise<T | null>) {
    this.#read = read;
  }

  get(id: string): T | Promise<T | null> {
    return this.#values.get(id) ?? this.#load(id);
  }

  drop(id: string): void {
    this.#drops++;
    this.#values.delete(id);
  }

  clear(): void {
    this.#drops++;
    this.#values.clear();
  }

  async #load(id: string): Promise<T | null> {
    const drops = this.#drops;
    const value = await this.#read(id);
    if (value === null || drops !== this.#drops) return value;
    const [oldest] = this.#values.keys();
    if (this.#values.size >= kept && oldest !== undefined) this.#values.delete(oldest);
    this.#values.set(id, value);
    return value;
  }
}

export class RoomRights implements Access {
  readonly #layers: Kept<LayerPlace>;
  readonly #documents: Kept<DocumentPlace>;
  /** By person: his role in each group. */
  readonly #roles: Kept<ReadonlyMap<string, Role>>;
  readonly #listeners: ((personId: string) => void)[] = [];

  constructor(prisma: PrismaClient) {
    this.#layers = new Kept(async (id) => {
      const row = await prisma.layer.findUnique({ where: { id } });
      return (
        row && { id, document: row.documentId, kind: row.kind as LayerPlace['kind'], owner: row.ownerId }
      );
    });
    this.#documents = new Kept(async (id) => {
      const row = await prisma.document.findUnique({
        where: { id },
        select: { groupId: true, removedAt: true },
      });
      return row && { group: row.groupId, removed: row.removedAt !== null };
    });
    this.#roles = new Kept(async (personId) => {
      const rows = await prisma.membership.findMany({
        where: { personId },
        select: { groupId: true, role: true },
      });
      return new Map(rows.map(({ groupId, role }) => [groupId, role as Role]));
    });
  }

  async rights(personId: string, name: RoomName): Promise<Rights> {
    const room = parseRoom(name);
    // The server itself writes into rooms too, and is nobody who has rights.
    if (!room || !UUID.test(personId)) return noRights;
    switch (room.kind) {
      case 'self':
        return room.id === personId ? privateRights : noRights;
      case 'content':
        return this.#inDocument(personId, room.id);
      case 'layer': {
        const layer = await this.#layers.get(room.id);
        return layer ? this.#inLayer(personId, layer) : noRights;
      }
    }
  }

  /** The layer's place, for one who may read it; else null. */
  async layer(personId: string, id: string): Promise<LayerPlace | null> {
    const { read } = await this.rights(personId, roomName('layer', id));
    return read ? this.#layers.get(id) : null;
  }

  /** The person's role in the group; null for who is no member. */
  async role(personId: string, groupId: string): Promise<Role | null> {
    return (await this.#roles.get(personId))?.get(groupId) ?? null;
  }

  /** The group of a document that is there; else null. */
  async groupOf(documentId: string): Promise<string | null> {
    const document = await this.#documents.get(documentId);
    return document && !document.removed ? document.group : null;
  }

  async #inDocument(personId: string, documentId: string): Promise<Rights> {
    const group = await this.groupOf(documentId);
    if (group === null) return noRights;
    const role = await this.role(personId, group);
    return role === null ? noRights : rightsOf(role);
  }

  async #inLayer(personId: string, layer: LayerPlace): Promise<Rights> {
    const inDocument = await this.#inDocument(personId, layer.document);
    switch (layer.kind) {
      case 'shared':
        return inDocument;
      case 'private':
        // Who leaves the group loses the document, and with it his notes on it.
        return inDocument.read && layer.owner === personId ? privateRights : noRights;
      case 'section':
        // Sections have no members yet.
        return noRights;
    }
  }

  onChange(listener: (personId: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Something about this person changed: a role, a membership, a session. Whoever listens asks again. */
  personChanged(personId: string): void {
    this.#roles.drop(personId);
    for (const listener of this.#listeners) listener(personId);
  }

  /** Another server says so: what it changed may be a document too. */
  changedElsewhere(personId: string): void {
    this.#documents.clear();
    this.personChanged(personId);
  }

  /** What another server changed may have gone unheard: everything is read anew. */
  forget(): void {
    this.#documents.clear();
    this.#roles.clear();
  }

  /** The document was removed or came back; `members` are told. */
  documentChanged(documentId: string, members: readonly string[]): void {
    this.#documents.drop(documentId);
    for (const member of members) for (const listener of this.#listeners) listener(member);
  }
}
