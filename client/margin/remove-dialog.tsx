/** Removing cannot be undone, so it is asked once. */

import { useTranslation } from 'react-i18next';
import { Dialog } from '../elements/dialog.js';

export function RemoveDialog({ onRemove, onClose }: { onRemove: () => void; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog title={t('remove.title')} alert onClose={onClose}>
      <p className="quiet">{t('remove.words')}</p>
      <div className="btns">
        <button type="button" className="btn btn--bare" onClick={onClose}>
          {t('cancel')}
        </button>
        <button
          type="button"
          className="btn btn--ink"
          onClick={() => {
            onRemove();
            onClose();
          }}
        >
          {t('remove')}
        </button>
      </div>
    </Dialog>
  );
}
