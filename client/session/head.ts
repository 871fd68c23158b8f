/**
 * How far a kept copy is whole. Several tabs add to one copy, and a device may fail to keep something: so it is whole up
 * to a later batch only when what is added begins where it ended.
 */

import type { Head } from './ports.js';

/** The head of the copy that `kept` is the head of, once all from the batch `after` up to that of `head` was added. */
export const headAfter = (kept: Head, head: Head, after: number): Head => ({
  ...head,
  seq: kept.seq >= after ? Math.max(kept.seq, head.seq) : kept.seq,
  client: head.client ?? kept.client,
});
