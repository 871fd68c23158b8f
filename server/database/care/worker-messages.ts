/** What the main thread and the thread that looks after rooms say to each other: one question, one answer. */

import type { StoredState } from '../../rooms/ports.js';
import type { Merged, Rewritten } from './workbench.js';
import type { Place } from './rows.js';

/** What can be asked, and what is answered. */
export interface Questions {
  begin: { ask: Pick<StoredState, 'seq' | 'pieces'> | null; answer: undefined };
  follow: { ask: Uint8Array; answer: Place };
  state: { ask: number; answer: StoredState };
  removed: { ask: undefined; answer: number };
  cleanse: { ask: Uint8Array; answer: Rewritten };
  merge: { ask: Uint8Array; answer: Merged };
  end: { ask: undefined; answer: undefined };
}

export type Question = { [K in keyof Questions]: { kind: K; ask: Questions[K]['ask'] } }[keyof Questions];

/** What came of the oldest question that is not answered. */
export type Reply =
  | { readonly ok: true; readonly answer: Questions[keyof Questions]['answer'] }
  | { readonly ok: false; readonly error: Error };
