/** Where a change of a Y.Doc comes from. Whatever has another origin was made by this page. */

import type { OutboxEntry } from './ports.js';

export type Origin =
  /** Committed by the server, now or as it was kept on this device. */
  | { readonly source: 'server' }
  /** Mine, and in the outbox already. */
  | { readonly source: 'outbox' }
  /** Mine, written again into another Y.Doc than it was made in. */
  | { readonly source: 'again'; readonly entry: OutboxEntry };

export const fromServer: Origin = { source: 'server' };
export const fromOutbox: Origin = { source: 'outbox' };

const sources = new Set<unknown>(['server', 'outbox', 'again'] satisfies Origin['source'][]);

/** Null for a change that this page makes. */
export const asOrigin = (origin: unknown): Origin | null =>
  typeof origin === 'object' && origin !== null && 'source' in origin && sources.has(origin.source)
    ? (origin as Origin)
    : null;
