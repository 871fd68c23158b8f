/**
 * What the session needs of the outside: a connection, a store on this device, and time. `connect.ts`, `store.ts`
 * and `clock.ts` implement these for the browser; tests do in memory.
 */

import type { Rights } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import type {
  JoinAnswer,
  Presence,
  PresenceState,
  RoomClosed,
  RoomUpdate,
  UpdateAnswer,
} from '#core/wire.js';
import type { Draft, Session, Store } from './types.js';

export type Connection = ReturnType<Session['connection']['get']>;

/** What the server says without being asked. */
export interface TransportListener {
  update(message: RoomUpdate): void;
  presence(message: Presence): void;
  closed(message: RoomClosed): void;
}

/** What a copy has already: all up to a batch, or what a state vector says. */
export type Asked =
  { readonly since: { readonly epoch: string; readonly seq: number } } | { readonly stateVector: Uint8Array };

/** A room as it was after a batch. */
export interface RoomState {
  readonly epoch: string;
  readonly seq: number;
  /** Yjs V1 updates, to be applied in this order, one a task. */
  readonly pieces: readonly Uint8Array[];
}

/** One connection to the server that comes back by itself. Requests answer null when it broke before the answer. */
export interface Transport {
  readonly state: Store<Connection>;
  /** A state to begin with, perhaps a little old; asked for apart from the connection. Null: there is none to be had. */
  begin(room: RoomName): Promise<RoomState | null>;
  join(room: RoomName, asked: Asked): Promise<JoinAnswer | null>;
  update(room: RoomName, update: Uint8Array): Promise<UpdateAnswer | null>;
  leave(room: RoomName): void;
  presence(room: RoomName, state: PresenceState | null): void;
  listen(listener: TransportListener): () => void;
  /** The server no longer knows our session: stop trying. */
  signOut(): void;
  close(): void;
}

/** Times are milliseconds. */
export interface Clock {
  /** This device's clock, since 1970. */
  now(): number;
  /** Returns what calls it off. */
  after(delay: number, run: () => void): () => void;
  /** Lets the browser paint and take input before going on. */
  turn(): Promise<void>;
  /** From 0 to 1: spreads what many would do at once. */
  random(): number;
}

/** One key of one of a room's maps as I set it; `undefined`: taken out. */
export interface Write {
  readonly map: string;
  readonly key: string;
  readonly value: unknown;
}

/** One change of mine that the server has not acknowledged. Never changed in place. */
export interface OutboxEntry {
  /** UUID v7: their order is the order in which they were made. */
  readonly id: string;
  readonly room: RoomName;
  /** When it was made, by this device's clock. */
  readonly at: number;
  readonly update: Uint8Array;
  /** What it says, apart from Yjs: so that it can be written again into another Y.Doc. Empty in a text. */
  readonly writes: readonly Write[];
  /** The Y.Doc that `update` belongs to is gone: it must be written again. */
  readonly loose: boolean;
}

/** What is known of a room besides its content. */
export interface Head {
  readonly epoch: string;
  /** The copy surely holds every batch up to this one; with the outbox, where a batch was mine. */
  readonly seq: number;
  readonly may: Rights;
  /** The Yjs client id under which this browser's first tab wrote last; null, when stored: leave what is kept. */
  readonly client: number | null;
}

/** A room as it is kept on this device. */
export interface StoredRoom {
  readonly head: Head | null;
  /** Yjs V1 updates: pieces as the server sent them, then the tail. */
  readonly updates: readonly Uint8Array[];
  /** How many of them are the tail. */
  readonly tail: number;
  /** Oldest first, those of other tabs of this browser too. */
  readonly outbox: readonly OutboxEntry[];
}

/**
 * One person's rooms on this device. Each method is one transaction, in the order of the calls; each rejects when
 * the device fails. Several tabs may use one store: who removes an entry or a draft has it, others are told so.
 */
export interface DeviceStore {
  /** False where nothing outlives the page. */
  readonly lasting: boolean;
  /** This tab came first of those that are open in this browser; it may become so later, never cease to be. */
  first(): boolean;
  /** Rooms in which something of mine waits. */
  waiting(): Promise<readonly RoomName[]>;
  load(room: RoomName): Promise<StoredRoom>;
  /** What waits now, of all tabs; oldest first. */
  outbox(room: RoomName): Promise<readonly OutboxEntry[]>;
  /**
   * Committed updates: all from the batch `after` up to the head's. `after` null: they are the room, and replace what
   * was kept of it. Where less than `after` is kept, what is kept stays whole up to where it was; and what is kept of
   * another epoch, or not at all, takes nothing.
   */
  receive(room: RoomName, head: Head, updates: readonly Uint8Array[], after: number | null): Promise<void>;
  /** Adds an entry of the outbox, or replaces the one of that id. Durable when it resolves. */
  keep(entry: OutboxEntry): Promise<void>;
  /** Entries that are stored by the server: from the outbox to the tail as `receive` does it, or (no head) away. */
  acknowledge(
    room: RoomName,
    head: Head | null,
    entries: readonly OutboxEntry[],
    after?: number,
  ): Promise<void>;
  /** Entries, by id, that became drafts (or none). Returns the ids that were still there; drafts of others are not added. */
  refuse(room: RoomName, refused: ReadonlyMap<string, readonly Draft[]>): Promise<ReadonlySet<string>>;
  /** Forgets the copy and loosens these entries. Returns the ids that this call loosened: others are another tab's now. */
  drop(room: RoomName, loosen: readonly string[]): Promise<ReadonlySet<string>>;
  drafts(): Promise<readonly Draft[]>;
  /** Takes drafts out and puts the entry (if any) into the outbox; false when another tab took one before. */
  takeDrafts(ids: readonly string[], entry: OutboxEntry | null): Promise<boolean>;
  /** Makes one piece of the tail. */
  compact(room: RoomName): Promise<void>;
  close(): Promise<void>;
}
