/** Puts a database under the contract of `tests/contract/room-log.ts`. */

import type { Database } from '../../server/database/open.js';
import { createRoomLog } from '../../server/database/room-log.js';
import { writeState } from '../../server/database/stored-states.js';
import { inTransaction } from '../../server/database/transaction.js';
import type { AnnotationRow, CommentRow, ProjectionChange } from '../../server/rooms/projection.js';
import type { LogUnderTest } from '../contract/room-log.js';

/** @param other a second connection to the same data, or the same one where there can be no second */
export const logUnderTest = (database: Database, other: Database): LogUnderTest => ({
  log: createRoomLog(database),
  other: createRoomLog(other),
  rows: (layer) => projectionRows(database, layer),
  keep: (room, state) =>
    inTransaction(database.pool, async (client) => void (await writeState(client, room, state))),
  forget: async (room, seq) => {
    await database.pool.query('DELETE FROM room_log WHERE room = $1 AND seq <= $2', [room, seq]);
  },
});

/** The rows of a layer, as the projection computes them. */
async function projectionRows({ prisma }: Database, layer: string): Promise<ProjectionChange[]> {
  const annotations = await prisma.annotationRow.findMany({ where: { layerId: layer } });
  const comments = await prisma.commentRow.findMany({ where: { layerId: layer } });
  return [
    ...annotations.map(
      ({ layerId, ...row }) => ({ kind: 'annotation', layer: layerId, ...row }) as AnnotationRow,
    ),
    ...comments.map(({ layerId, ...row }): CommentRow => ({ kind: 'comment', layer: layerId, ...row })),
  ];
}
