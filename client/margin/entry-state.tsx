/** What has happened to one entry of mine: nothing is said once it is stored. */

import { Clock, CloudOff, LoaderCircle } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../elements/store.js';
import type { RoomCopy } from '../session/types.js';

export function EntryState({ copy, stored }: { copy: RoomCopy; stored: boolean }) {
  const { t } = useTranslation();
  const { state } = useStore(copy.delivery);
  if (stored) return null;
  if (state === 'offline') {
    return (
      <span className="state state--wait">
        <CloudOff className="i i--s" aria-hidden="true" />
        {t('state.kept')}
      </span>
    );
  }
  if (state === 'waiting') {
    return (
      <span className="state state--wait">
        <Clock className="i i--s" aria-hidden="true" />
        {t('state.waiting')}
      </span>
    );
  }
  return (
    <span className="state state--sending">
      <LoaderCircle className="i i--s spin" aria-hidden="true" />
      {t('state.sending')}
    </span>
  );
}
