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

interface MyPresenceProps {
  reading: Reading;
  selected: Selection | null;
  writing: string | null;
}

/** Draws nothing; a component of its own, because the paragraph in view changes with every scroll. */
export function MyPresence({ reading, selected, writing }: MyPresenceProps): null {
  const { content, stage } = reading;
  const shown = useStore(presenceShown);
  const [paragraph] = useStore(stage.inView);
  const hidden = useSyncExternalStore(watchHidden, () => document.hidden);
  useEffect(() => {
    content.setPresence(shown ? myPresence(selected, writing, paragraph) : null);
  }, [content, shown, selected, writing, paragraph, hidden]);
  return null;
}
