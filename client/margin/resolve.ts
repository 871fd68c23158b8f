/** Resolving and reopening a thread, with the way back. */

import { useTranslation } from 'react-i18next';
import { useStore } from '../elements/store.js';
import { tell, tellRefused } from '../elements/toast.js';
import type { Place } from '../reading/places.js';

/** Turns the thread's status over; null where this reader may not. */
export function useResolve({ thread, layer, id }: Place): (() => void) | null {
  const { t } = useTranslation();
  const may = useStore(layer.layer.copy.may);
  if (!may.comment || thread.comments.length === 0) return null;
  const now = thread.status.state;
  const next = now === 'open' ? 'resolved' : 'open';
  return () => {
    if (!layer.layer.setStatus(id, next)) tellRefused(t('post.refused'));
    else {
      tell(next === 'resolved' ? t('resolve.done') : t('reopen.done'), {
        label: t('undo'),
        act: () => layer.layer.setStatus(id, now),
      });
    }
  };
}
