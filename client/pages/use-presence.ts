/** Tells the group where I read, unless I would rather not. */

import { useEffect, useSyncExternalStore } from 'react';
import { useStore } from '../elements/store.js';
import { myPresence } from '../reading/presence.js';
import type { Selection } from '../reading/selection.js';
import { presenceShown } from '../reading/settings.js';
import type { Reading } from './reading-loader.js';

const watchHidden = (listener: () => void) => {
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
};

export function usePresence(
  { content, stage }: Reading,
  selected: Selection | null,
  writing: string | null,
): void {
  const shown = useStore(presenceShown);
  const [paragraph] = useStore(stage.inView);
  const hidden = useSyncExternalStore(watchHidden, () => document.hidden);
  useEffect(() => {
    content.setPresence(shown ? myPresence(selected, writing, paragraph) : null);
  }, [content, shown, selected, writing, paragraph, hidden]);
}
