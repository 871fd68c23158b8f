/**
 * What rooms need from the outside. `database/` and `cluster/` implement these; tests do in memory.
 * A room's log is the one truth: everything else (state, projection, REST, search) is a reading of it.
 */

import type { RefusalCode } from '#core/result.js';
import type { Rights } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import type { Present } from '#core/wire.js';
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
  /** Somebody's words were removed in it: what the log keeps of them must go. */
  readonly removes: boolean;
  /** Rows that search and REST read; committed in the same transaction. */
  readonly projection: readonly ProjectionChange[];
}

/** `conflict`: another server was first; load what it wrote and judge again. */
export type AppendOutcome = 'committed' | 'conflict';

/** A room's state as it is stored and handed out: made once, in a thread of its own, and then only copied. */
export interface StoredState {
  /** It equals the log up to this seq. */
  readonly seq: number;
  /** Yjs updates of about 64 KiB that lean only on earlier ones, each behind its length (`framePieces`), in brotli. */
  readonly pieces: Uint8Array;
  /** What it holds: Yjs' encoded state vector. */
  readonly stateVector: Uint8Array;
  /** All that is deleted in it, as a Yjs update without structs. */
  readonly deletions: Uint8Array;
}

export interface LoggedBatch {
  readonly seq: number;
  readonly updates: readonly Uint8Array[];
}

export interface LoadedRoom {
  readonly epoch: string;
  /** 0 for a room that nobody has written to. */
  readonly seq: number;
  readonly stored: StoredState | null;
  /** The batches after `stored`, oldest first. */
  readonly tail: readonly LoggedBatch[];
  /** Words that somebody removed may still stand in `stored`: it is not to be handed out as it is. */
  readonly uncleansed: boolean;
}

export interface RoomLog {
  /** Everything of a room but its client ids. A room that nobody has written to is empty, with a fresh epoch; nothing is stored by loading. */
  load(room: RoomName): Promise<LoadedRoom>;
  /** The client ids that were bound up to `seq`, and whose each is. */
  clients(room: RoomName, seq: number): Promise<ReadonlyMap<number, string>>;
  /** Batches after `seq`, oldest first; null when compaction has taken them: load the whole. */
  since(
    room: RoomName,
    seq: number,
  ): Promise<readonly (LoggedBatch & { readonly clients: ReadonlyMap<number, string> })[] | null>;
  /** The seq of the newest committed batch: one indexed read. */
  head(room: RoomName): Promise<number>;
  /**
   * Commits all batches in one transaction, durably, in this order; answers in the same order. A batch whose seq is
   * taken is left out as a `conflict` and the others are committed. Throws when the database fails: then none is.
   */
  append(batches: readonly RoomBatch[]): Promise<AppendOutcome[]>;
}

/** Looks after the log in the background: snapshots, compaction, and taking removed words out of what is stored. */
export interface LogCare {
  /**
   * The room has `tail.parts` parts, `tail.bytes` bytes, after its newest stored state; `removed`: words were removed in them.
   * Cheap, may be called after every commit. `renewed` is called when a newer state is stored.
   */
  grown(
    room: RoomName,
    tail: { parts: number; bytes: number; removed: boolean },
    renewed: (state: StoredState) => void,
  ): void;
}

/** Tells other servers. A lost message about a room is found by the gap in `seq` and read from the log. */
export interface Bus {
  publish(message: BusMessage): void;
  subscribe(listener: (message: BusMessage) => void): void;
  close(): Promise<void>;
}

export type BusMessage =
  /** From the bus itself: it was away, and messages may be lost. */
  | { readonly kind: 'lost' }
  /** The room has a commit of this seq. */
  | { readonly kind: 'commit'; readonly room: RoomName; readonly seq: number }
  /** What this person may do changed. */
  | { readonly kind: 'rights'; readonly person: string }
  /** Who reads a room on one server. `from` is written by the bus. */
  | ({ readonly kind: 'presence'; readonly room: RoomName; readonly from?: string } & PresenceMessage);

export interface PresenceMessage {
  readonly people: readonly Present[];
  readonly left: readonly number[];
  /** All who are there, told now and then: whoever is not among them has left. */
  readonly here?: readonly number[] | undefined;
  /** Asks for the others' people. */
  readonly asks?: boolean | undefined;
}

/** Asked for every batch and every join, so that a right that ends, ends at once. */
export interface Access {
  /** noRights where there is no such room or no right to it. May keep what it read until a change is made. */
  rights(personId: string, room: RoomName): Rights | Promise<Rights>;
  /** Calls back when a person's rights may have changed: open rooms are checked again. */
  onChange(listener: (personId: string) => void): void;
}

/** Counts what happens in rooms. */
export interface Meter {
  /** `outcome`: taken, or the code of the refusal. */
  judged(outcome: 'taken' | RefusalCode, ms: number): void;
  committed(ms: number): void;
  /** Bytes of committed updates handed to readers. */
  relayed(bytes: number): void;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}
