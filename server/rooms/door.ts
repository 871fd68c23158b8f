/** What HTTP, documents and everyone else who is no socket need of the rooms: read one, write into one, ask its state. */

import type { RoomName } from '#core/rooms.js';
import type { UpdateAnswer } from '#core/wire.js';
import type * as Y from 'yjs';
import type { Entry } from './batch.js';
import type { Person } from './ports.js';
import type { Handout } from './room.js';

export type { Entry, Handout };

/** Which state of a room was read. */
interface RoomMoment {
  /** Random; another one means that the room's history is another. */
  readonly epoch: string;
  /** Of the newest committed batch in it. */
  readonly seq: number;
}

/** Every method rejects when the database is away. The room's name must be a room's. */
export interface RoomDoor {
  /** Reads committed work, perhaps a little older than the newest. `read` must not change the document. */
  read<T>(room: RoomName, read: (doc: Y.Doc, at: RoomMoment) => T): Promise<T>;
  /** Writes entries in the person's name: the rules and the log of a reader's own work. Answers once committed. */
  write(person: Person, room: RoomName, entries: readonly Entry[]): Promise<UpdateAnswer>;
  /** A change that the server makes itself, such as the import of a text. Answers once committed. */
  edit(room: RoomName, change: (doc: Y.Doc) => void): Promise<UpdateAnswer>;
  /** A state to begin with, perhaps older than the newest commit. `whole`: where it is written anew, as one update. */
  state(room: RoomName, whole: boolean): Promise<Handout>;
}
