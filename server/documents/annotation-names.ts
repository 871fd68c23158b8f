/** The names by which scripts call their annotations in a container: the one they chose (`Slug`), else the entry's id. */

import { UUID } from '#core/rooms.js';
import type { PrismaClient } from '../database/client.js';

/** What may stand in an address as it is; not only dots, which lead out of the folder. */
const usable = /^(?!\.+$)[A-Za-z0-9._~-]{1,100}$/;

export class AnnotationNames {
  readonly #prisma: PrismaClient;

  constructor(prisma: PrismaClient) {
    this.#prisma = prisma;
  }

  /** Whether a script's wish can be a name at all. An id cannot: it might be another's. */
  static isUsable(wish: string): boolean {
    return usable.test(wish) && !UUID.test(wish.toLowerCase());
  }

  /** The entry's id; whether there is such an entry only the room knows. Null for what can be no name. */
  async idOf(layer: string, name: string): Promise<string | null> {
    if (UUID.test(name)) return name;
    if (!AnnotationNames.isUsable(name)) return null;
    const row = await this.#prisma.annotationName.findUnique({
      where: { layerId_name: { layerId: layer, name } },
    });
    return row?.id ?? null;
  }

  /** The chosen names of these entries; who has none is called by his id. */
  async namesOf(layer: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#prisma.annotationName.findMany({
      where: { layerId: layer, id: { in: [...ids] } },
    });
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  /** Takes the name for an entry that is about to be written; false where it is taken. */
  async take(layer: string, name: string, id: string): Promise<boolean> {
    const { count } = await this.#prisma.annotationName.createMany({
      data: [{ layerId: layer, name, id }],
      skipDuplicates: true,
    });
    return count > 0;
  }

  /** Gives back the name of an entry that was not written. */
  async giveBack(layer: string, name: string, id: string): Promise<void> {
    await this.#prisma.annotationName.deleteMany({ where: { layerId: layer, name, id } });
  }
}
