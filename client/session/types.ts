/**
 * What the pages know of the session: live copies of rooms, what has happened to one's words, who else is here.
 * `session/` implements it over Socket.IO and IndexedDB; pages and components depend on these types only.
 */

import type * as Y from 'yjs';
import type {
  Annotation,
  Assigned,
  Color,
  Comment,
  Motivation,
  Removed,
  Status,
  Target,
} from '#core/entries.js';
import type { RefusalCode } from '#core/result.js';
import type { Rights } from '#core/roles.js';
import type { RoomName } from '#core/rooms.js';
import type { Present, PresenceState } from '#core/wire.js';

/** A value that changes, in the shape of React's `useSyncExternalStore`. `get` returns the same object until it changes. */
export interface Store<T> {
  get(): T;
  subscribe(listener: () => void): () => void;
}

/** What has happened to my words, worst first: refused, offline, waiting, sending, stored. The chip always tells the truth. */
export interface Delivery {
  state: 'stored' | 'sending' | 'waiting' | 'offline' | 'refused';
  /** Changes that are not stored yet, or that were refused. */
  count: number;
  /** Why, when refused. */
  code?: RefusalCode;
}

/** Words that the server refused for good, kept on this device until they are sent again or thrown away by hand. */
export interface Draft {
  id: string;
  room: RoomName;
  code: RefusalCode;
  at: number;
  annotation?: Annotation & { id: string };
  comment?: Comment & { id: string };
  /** Words typed into a text: to be copied by hand, they cannot be sent again. */
  text?: string;
  /** A change that holds no words, such as a status or a reaction. */
  other?: { map: string; key: string; value: unknown };
}

/** One room's local copy. Changes made to `doc` are kept on this device at once and sent when they can be. */
export interface RoomCopy {
  readonly name: RoomName;
  /** The Y.Doc is replaced when the copy had to be dropped (refusal for good, new epoch): subscribe. */
  readonly doc: Store<Y.Doc>;
  /** `ready` as soon as there is something to show, from this device or the server; `closed`: no right to it any more. */
  readonly state: Store<'loading' | 'ready' | 'closed'>;
  readonly may: Store<Rights>;
  readonly delivery: Store<Delivery>;
  /** Ids of the annotations and comments that have a change which is not acknowledged. */
  readonly unstored: Store<ReadonlySet<string>>;
  /** Everyone in the room but me (other tabs of mine included are left out). */
  readonly people: Store<readonly Present[]>;
  /** How many read, in a room of so many that the server names only some at a time; else 0. */
  readonly crowd: Store<number>;
  setPresence(state: PresenceState | null): void;
  /** Lets go of the copy; the last one who does closes it. */
  release(): void;
}

export interface Session {
  readonly me: { id: string; name: string };
  /** Opens a room, or shares the copy that is open. */
  open(room: RoomName): RoomCopy;
  /** Over all rooms, the worst of them with its count. */
  readonly delivery: Store<Delivery>;
  readonly connection: Store<'connecting' | 'online' | 'offline' | 'signed-out'>;
  readonly drafts: Store<readonly Draft[]>;
  /** False when this device cannot keep words (no storage, or it is full): they live in this page only. */
  readonly keeps: Store<boolean>;
  /** Makes new entries of a draft's words and sends them, together with the drafts that it replies to. */
  resend(draft: Draft): void;
  discard(draft: Draft): void;
  /** The server's time in milliseconds since 1970: entries are dated by it. */
  now(): number;
  close(): Promise<void>;
}

/** One comment with what belongs to it. */
export interface CommentView {
  id: string;
  comment: Comment;
  removed: Removed | undefined;
  hidden: boolean;
  /** Emoji, and the ids of the people who reacted with it. */
  reactions: ReadonlyMap<string, readonly string[]>;
  /** Has every change of this entry been acknowledged as stored? */
  stored: boolean;
}

/** One annotation with its comments in the order of time. The first comment of the same author is its body. */
export interface Thread {
  id: string;
  annotation: Annotation;
  /** `moved` wins over the annotation's own; null: a note on the whole document. */
  target: Target | null;
  status: Status;
  assigned: Assigned | undefined;
  removed: Removed | undefined;
  hidden: boolean;
  comments: readonly CommentView[];
  stored: boolean;
}

/** A layer room read as threads, with one subscription a thread: a remote reply redraws one card, not all. */
export interface Layer {
  readonly copy: RoomCopy;
  /** Ids of all annotations, in no order; changes only when one is added. */
  readonly ids: Store<readonly string[]>;
  thread(id: string): Store<Thread | undefined>;
  /** Each returns the new entry's id. They throw nothing and change nothing when `may` does not allow it: they return null. */
  annotate(input: {
    target: Target | null;
    motivation: Motivation;
    color: Color;
    tags?: string[];
    suggestion?: string;
    body?: string;
  }): string | null;
  comment(input: { annotation: string; body: string; parent?: string; quote?: string }): string | null;
  editComment(id: string, body: string): boolean;
  editAnnotation(id: string, change: { color?: Color; tags?: string[]; motivation?: Motivation }): boolean;
  setStatus(annotation: string, state: Status['state']): boolean;
  react(comment: string, emoji: string, on: boolean): boolean;
  /** Marks an annotation or a comment as removed. */
  remove(id: string): boolean;
  move(annotation: string, target: Target): boolean;
}
