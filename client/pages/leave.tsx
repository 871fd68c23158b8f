/** Signing out on this device, with a word about what has not been stored yet. */

import { useTranslation } from 'react-i18next';
import { Dialog } from '../elements/dialog.js';
import { useStore } from '../elements/store.js';
import { tellRefused } from '../elements/toast.js';
import { leave } from '../session/api.js';
import type { Session } from '../session/types.js';
import { goTo } from './router.js';
import { closeSession } from './signed-in.js';

export function LeaveDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const { t } = useTranslation();
  const { state, count } = useStore(session.delivery);
  const go = async () => {
    const answer = await leave();
    if (!answer.ok && answer.error.status !== 401) {
      tellRefused(t('failed.no-answer'));
      return;
    }
    await closeSession();
    onClose();
    goTo('/');
    location.reload();
  };
  return (
    <Dialog title={t('leave.title')} alert onClose={onClose}>
      <p className="quiet">{t('leave.words')}</p>
      {state !== 'stored' && count > 0 && (
        <p className="state state--wait">{t('leave.unstored', { count })}</p>
      )}
      <div className="btns">
        <button type="button" className="btn btn--bare" onClick={onClose}>
          {t('leave.stay')}
        </button>
        <button type="button" className="btn btn--ink" onClick={() => void go()}>
          {t('leave')}
        </button>
      </div>
    </Dialog>
  );
}
