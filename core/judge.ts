/** What the gate asks of a kind of room: there is one judge for rooms of entries and one for texts. */

import type * as Y from 'yjs';
import type { Refusal } from './result.js';
import type { Writer } from './rules.js';
import type { Steps } from './steps.js';
import type { Section } from './update.js';

/** Names of root types, and their keys that change; null: their list. */
export type Touched = Map<string, Set<string | null>>;

export interface Judge {
  /** The kinds of content that the room holds, by Yjs' numbers. */
  readonly kinds: ReadonlySet<number>;
  /** Whether this root's keys may be taken out. */
  isRemovable(root: string): boolean;
  /** Those of these sections, of client ids that nobody has used yet, that cannot be the writer's own work. */
  ofOthers(sections: readonly Section[], writer: Writer): Steps<readonly Section[]>;
  /** Begins to judge these sections as the writer's. Their structs hang together and know their places. */
  judge(sections: readonly Section[], writer: Writer): Steps<Judgement>;
  /** Of the keys that were touched and now stand, those that are more than may be, by root: they are taken out again. */
  tooMany(touched: Touched): ReadonlyMap<string, readonly string[]>;
}

/** One update being judged. First it is asked about what the update ends, then it concludes. */
export interface Judgement {
  /** All that the update may change, so far. */
  readonly touched: Touched;
  /** true: it may end this living item; false: pass over it silently; else why not. */
  mayEnd(item: Y.Item): boolean | Refusal;
  /** Throws `Refused` when anything in the sections is not the writer's to write. */
  conclude(): Steps<void>;
}

export function touch(touched: Touched, root: string, key: string | null): void {
  const keys = touched.get(root);
  if (keys) keys.add(key);
  else touched.set(root, new Set([key]));
}
