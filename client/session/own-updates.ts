/**
 * The updates of a Y.Doc that are mine. Yjs encodes a transaction only if somebody listens, and encoding again what the
 * server has just sent costs half as much as applying it: so this listens only while something of mine is going on.
 */

import type * as Y from 'yjs';
import { asOrigin } from './origin.js';

export type UpdateListener = (
  update: Uint8Array,
  origin: unknown,
  doc: Y.Doc,
  transaction: Y.Transaction,
) => void;

const mine = ({ origin }: Y.Transaction): boolean => {
  const source = asOrigin(origin)?.source;
  return source === undefined || source === 'again';
};

/** Calls `listener` for each transaction that this page makes; returns what ends it. */
export function onOwnUpdate(doc: Y.Doc, listener: UpdateListener): () => void {
  let open = 0;
  const update: UpdateListener = (bytes, origin, _, transaction) => {
    if (mine(transaction)) listener(bytes, origin, doc, transaction);
  };
  const before = (transaction: Y.Transaction): void => {
    if (mine(transaction)) {
      open++;
      doc.on('update', update);
    } else if (open === 0) doc.off('update', update);
  };
  // Transactions may begin while others end, so they are counted. The update comes right after this event.
  const after = (transaction: Y.Transaction): void => {
    if (mine(transaction)) open--;
  };
  doc.on('beforeTransaction', before);
  doc.on('afterTransactionCleanup', after);
  return () => {
    doc.off('beforeTransaction', before);
    doc.off('afterTransactionCleanup', after);
    doc.off('update', update);
  };
}
