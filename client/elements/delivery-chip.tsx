/** What has happened to my words, worst first, always true. What was refused is listed behind it until dealt with. */

import { CircleAlert, Clock, CloudOff, Database, LoaderCircle } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Delivery, Session } from '../session/types.js';
import { later } from './later.js';
import { useStore } from './store.js';

const RefusedDialog = later(async () => (await import('./refused-dialog.js')).RefusedDialog);

const icons = {
  stored: Database,
  sending: LoaderCircle,
  waiting: Clock,
  offline: CloudOff,
  refused: CircleAlert,
};

/** Milliseconds: shorter sending is not shown, so that it does not flicker. */
const patience = 600;

/** Has this delivery been under way for longer than a blink? Until then the chip says nothing new. */
function useLate(sending: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!sending) return;
    const timer = setTimeout(() => setLate(true), patience);
    return () => {
      clearTimeout(timer);
      setLate(false);
    };
  }, [sending]);
  return sending && late;
}

export function DeliveryChip({ session, short = false }: { session: Session; short?: boolean }) {
  const { t } = useTranslation();
  const delivery = useStore(session.delivery);
  const late = useLate(delivery.state === 'sending');
  const keeps = useStore(session.keeps);
  const drafts = useStore(session.drafts);
  const [open, setOpen] = useState(false);
  const { state, count } = delivery;
  const Icon = icons[state];
  const words = wordsFor(delivery, t, keeps);
  const shown = short && state === 'stored' ? t('chip.stored.short') : words;

  if (state === 'refused' || drafts.length > 0) {
    return (
      <>
        <button
          type="button"
          className="chipbtn chip"
          data-state="refused"
          aria-haspopup="dialog"
          onClick={() => setOpen(true)}
        >
          <CircleAlert className="i" aria-hidden="true" />
          {t('chip.refused', { count: Math.max(count, drafts.length) })}
        </button>
        {open && <RefusedDialog session={session} onClose={() => setOpen(false)} />}
      </>
    );
  }
  return (
    <span className="chip" data-state={state} role="status" title={words}>
      <Icon className={late ? 'i spin' : 'i'} aria-hidden="true" />
      {/* A short sending says nothing: neither that it is sent, nor yet that it is stored. */}
      {state !== 'sending' || late ? shown : <span className="pending">{t('chip.sending.short')}</span>}
    </span>
  );
}

type Translate = ReturnType<typeof useTranslation>['t'];

function wordsFor({ state, count }: Delivery, t: Translate, keeps: boolean): string {
  switch (state) {
    case 'stored':
      return t('chip.stored');
    case 'sending':
      return t('chip.sending');
    case 'waiting':
      return t('chip.waiting', { count });
    case 'offline':
      if (count === 0) return t('chip.offline');
      return keeps ? t('chip.offline-kept', { count }) : t('chip.offline-open', { count });
    case 'refused':
      return t('chip.refused', { count });
  }
}
