/** What the window is like: width classes of the layout, touch, motion. */

import { useSyncExternalStore } from 'react';

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const list = matchMedia(query);
      list.addEventListener('change', listener);
      return () => list.removeEventListener('change', listener);
    },
    () => matchMedia(query).matches,
  );
}

/** wide: a margin beside the text; edge: marks at the edge and a sheet; phone: one column and a sheet. */
export function useLayout(): 'wide' | 'edge' | 'phone' {
  const phone = useMedia('(max-width: 759px)');
  const narrow = useMedia('(max-width: 959px)');
  return phone ? 'phone' : narrow ? 'edge' : 'wide';
}

export const useCoarsePointer = (): boolean => useMedia('(pointer: coarse)');

export const scrollBehavior = (): ScrollBehavior =>
  matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth';
