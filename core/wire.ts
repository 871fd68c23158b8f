/**
 * The Socket.IO events: their names, payloads, acknowledgements and the schemas that check what comes in.
 * Updates are Yjs V1. Nobody sees an update that is not committed.
 *
 *   room:join     client -> server  {room, stateVector} or {room, since: {epoch, seq}}   ack JoinAnswer
 *   room:update   client -> server  {room, update}        ack UpdateAnswer (after the commit, never before)
 *   room:update   server -> client  {room, update, seq}
 *   room:leave    client -> server  {room}
 *   presence:set  client -> server  {room, state}         state null: gone
 *   presence      server -> client  {room, people, left, counts?}
 *   notice        server -> client  Notice
 *   room:closed   server -> client  {room, code}
 */

import * as z from 'zod/mini';
import type { Refusal } from './result.js';
import type { Rights } from './roles.js';
import type { RoomName } from './rooms.js';

/** Bytes of JSON that one person's presence may take. */
export const presenceBytes = 1024;

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const room = z.string().check(z.maxLength(64));

/** `since`: I have all up to that batch; shorter than a state vector, and refused with `behind` where it is not known. */
export const roomJoin = z.object({
  room,
  stateVector: z.optional(bytes),
  since: z.optional(z.object({ epoch: z.string().check(z.maxLength(64)), seq: z.int().check(z.minimum(0)) })),
});
export const roomUpdate = z.object({ room, update: bytes });
export const roomLeave = z.object({ room });

const position = z.int().check(z.minimum(0));
/** What one shows of oneself: where one reads, what one has selected, the thread one is writing in. */
export const presenceState = z.strictObject({
  /** UTF-16 offset into the content. */
  cursor: z.optional(z.nullable(position)),
  selection: z.optional(z.nullable(z.strictObject({ from: position, to: position }))),
  /** Annotation id of the thread being written in. */
  writing: z.optional(z.nullable(z.string().check(z.maxLength(64)))),
  /** Index of the paragraph in view. */
  paragraph: z.optional(z.nullable(position)),
  away: z.optional(z.boolean()),
});
export type PresenceState = z.infer<typeof presenceState>;
export const presenceSet = z.object({ room, state: z.nullable(presenceState) });

export type JoinAnswer =
  | {
      ok: true;
      /** Yjs V1 updates, to be applied in this order, one a task. */
      updates: Uint8Array[];
      /** The server's, so that the client can send what the server lacks; absent in the answer to `since`. */
      stateVector?: Uint8Array;
      /** Random; another one than the client's own copy has means: drop the copy. */
      epoch: string;
      seq: number;
      may: Rights;
      /** The server's clock in milliseconds since 1970: the page dates its entries by it. */
      now: number;
    }
  | ({ ok: false } & Refusal);

export type UpdateAnswer =
  /** `alone`: the batch of that `seq` is this sender's alone, and no frame of it comes; otherwise one comes. */
  { ok: true; seq: number; alone?: boolean } | ({ ok: false } & Refusal & { stateVector?: Uint8Array });

export interface RoomUpdate {
  room: RoomName;
  update: Uint8Array;
  seq: number;
}

/** Somebody in a room, as the server vouches for them. */
export interface Present {
  /** One a connection, made by the server. */
  id: number;
  user: { id: string; name: string; color: string };
  state: Record<string, unknown>;
}

export interface Presence {
  room: RoomName;
  people: Present[];
  left: number[];
  /** In rooms of more than 50 people, where a frame tells of 50 at most: how many read each paragraph. */
  counts?: Record<string, number>;
}

export interface RoomClosed {
  room: RoomName;
  code: 'no-room' | 'no-session';
}

/** Something that concerns me, told at once: a mention, a reply to me, a thread of mine resolved. */
export interface Notice {
  kind: 'mention' | 'reply' | 'resolved';
  document: string;
  layer: string;
  annotation: string;
  by: { id: string; name: string };
}

export interface ClientToServer {
  'room:join': (message: unknown, answer: (answer: JoinAnswer) => void) => void;
  'room:update': (message: unknown, answer: (answer: UpdateAnswer) => void) => void;
  'room:leave': (message: unknown) => void;
  'presence:set': (message: unknown) => void;
}

export interface ServerToClient {
  'room:update': (message: RoomUpdate) => void;
  presence: (message: Presence) => void;
  notice: (message: Notice) => void;
  'room:closed': (message: RoomClosed) => void;
}
