/** What the steps of one look after a room are given. */

import type { RoomName } from '#core/rooms.js';
import type { StoredState } from '../../rooms/ports.js';
import type { Database } from '../open.js';
import type { Session } from './thread.js';

export interface Look {
  readonly database: Pick<Database, 'pool'>;
  readonly thread: Session;
  readonly room: RoomName;
  readonly keep: Keep;
  /** Asked between steps: true stops the look with an Aborted. */
  readonly aborted: () => boolean;
  /** Told when a newer state is stored. */
  readonly stored: () => void;
  /** Told of it when the words that were removed are out of the rows too. */
  readonly renewed: (state: StoredState) => void;
}

/** What stays in the log. */
export interface Keep {
  /** The newest batches. */
  readonly batches: number;
  /** Batches of the last so many milliseconds. */
  readonly milliseconds: number;
  /** Fewer batches than this are not worth a move. */
  readonly least: number;
}

export const usualKeep: Keep = { batches: 500, milliseconds: 10 * 60_000, least: 250 };

/** The server is stopping: the rest is done after the next start. */
export class Aborted extends Error {}

/** Throws an Aborted when the server is stopping. */
export function proceed({ aborted }: Pick<Look, 'aborted'>): void {
  if (aborted()) throw new Aborted('the server is stopping');
}
