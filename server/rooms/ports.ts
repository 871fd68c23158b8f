/**
 * What rooms need from the outside. `database/` and `cluster/` implement these; tests do in memory.
 * A room's log is the one truth: everything else (state, projection, REST, search) is a reading of it.
 */

import type { Rights } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import type { ProjectionChange } from './projection.js';

/** Who acts: looked up from the session or token, never from what a client says. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

export { SERVER } from '#core/gate.js';

/** One person's share of a batch: the bytes that Yjs wrote after judging. */
export interface LogPart {
  readonly update: Uint8Array;
  /** A person's id, or SERVER. */
  readonly person: string;
}

/** What one room commits at once. */
export interface RoomBatch {
  readonly room: RoomName;
  /** The seq that this batch gets: the room's last one plus one. */
  readonly seq: number;
  /** The epoch that the room was loaded with: a room without a row is made with it. */
  readonly epoch: string;
  readonly parts: readonly LogPart[];
  /** Yjs client ids that are new in this batch, and the person each belongs to. */
  readonly clients: ReadonlyMap<number, string>;
  /** Rows that search and REST read; committed in the same transaction. */
  readonly projection: readonly ProjectionChange[];
}

/** `conflict`: another server was first; load what it wrote and judge again. */
export type AppendOutcome = 'committed' | 'conflict';

export interface LoadedRoom {
  readonly epoch: string;
  /** 0 for a room that nobody has written to. */
  readonly seq: number;
  /** Snapshot, if there is one, then the tail in the order of (seq, part). */
  readonly updates: readonly Uint8Array[];
  readonly clients: ReadonlyMap<number, string>;
  /** Parts after the snapshot. */
  readonly tail: number;
}

export interface RoomLog {
  /** Everything of a room. A room that nobody has written to is empty, with a fresh epoch; nothing is stored by loading. */
  load(room: RoomName): Promise<LoadedRoom>;
  /** Batches after `seq`, oldest first; null when compaction has taken them: load the whole. */
  since(
    room: RoomName,
    seq: number,
  ): Promise<readonly { seq: number; updates: Uint8Array[]; clients: ReadonlyMap<number, string> }[] | null>;
  /** The seq of the newest committed batch: one indexed read. */
  head(room: RoomName): Promise<number>;
  /**
   * Commits all batches in one transaction, durably, in this order; answers in the same order. A batch whose seq is
   * taken is left out as a `conflict` and the others are committed. Throws when the database fails: then none is.
   */
  append(batches: readonly RoomBatch[]): Promise<AppendOutcome[]>;
  /** Stores a state that equals the log up to `seq`. */
  snapshot(room: RoomName, seq: number, state: Uint8Array): Promise<void>;
}

/** Tells other servers. A lost message about a room is found by the gap in `seq` and read from the log. */
export interface Bus {
  publish(message: BusMessage): void;
  subscribe(listener: (message: BusMessage) => void): void;
  close(): Promise<void>;
}

export type BusMessage =
  /** The room has a commit of this seq. */
  | { readonly kind: 'commit'; readonly room: RoomName; readonly seq: number }
  /** What this person may do changed. */
  | { readonly kind: 'rights'; readonly person: string };

/** Asked for every batch and every join, so that a right that ends, ends at once. */
export interface Access {
  /** noRights where there is no such room or no right to it. May keep what it read until a change is made. */
  rights(personId: string, room: RoomName): Rights | Promise<Rights>;
  /** Calls back when a person's rights may have changed: open rooms are checked again. */
  onChange(listener: (personId: string) => void): void;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}
