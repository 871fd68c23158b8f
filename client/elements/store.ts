/** How components read values that change, and values that this device keeps. */

import { useSyncExternalStore } from 'react';
import type { Store } from '../session/types.js';
import { Value } from '../session/value.js';

/** Every store's functions may be passed around without it. */
export const useStore = <T>(store: Store<T>): T =>
  // eslint-disable-next-line @typescript-eslint/unbound-method
  useSyncExternalStore(store.subscribe, store.get);

/** A value kept on this device, shared by all components that read it. */
export function keptValue<T>(key: string, fallback: T, accepts: (value: unknown) => value is T): Value<T> {
  const name = `marginalia.${key}`;
  let first = fallback;
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(name) ?? 'null');
    if (accepts(kept)) first = kept;
  } catch {
    // storage is switched off, or holds what another version wrote: the default serves
  }
  const value = new Value(first);
  value.subscribe(() => {
    try {
      localStorage.setItem(name, JSON.stringify(value.get()));
    } catch {
      // the choice holds for this visit
    }
  });
  return value;
}
