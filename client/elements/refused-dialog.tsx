/** What the server refused for good, with its reason and the words intact: send again, copy, or throw away. */

import { useTranslation } from 'react-i18next';
import type { Draft, Session } from '../session/types.js';
import { langOf } from '../language/lang-of.js';
import { copyText } from './copy-text.js';
import { Dialog } from './dialog.js';
import { useStore } from './store.js';
import { tell, tellRefused } from './toast.js';

const wordsOf = ({ comment, annotation, text }: Draft): string =>
  comment?.body ?? text ?? annotation?.target?.exact ?? '';

export function RefusedDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const { t } = useTranslation();
  const drafts = useStore(session.drafts);
  const copy = async (draft: Draft) => {
    if (await copyText(wordsOf(draft))) tell(t('copied'));
    else tellRefused(t('copy.refused'));
  };
  return (
    <Dialog title={t('refused.title')} wide onClose={onClose}>
      <p className="quiet">{drafts.length > 0 ? t('refused.words') : t('refused.none')}</p>
      <ul className="refused">
        {drafts.map((draft) => (
          <li key={draft.id}>
            <p className="state state--no">{t(`code.${draft.code}`)}</p>
            {wordsOf(draft) !== '' && (
              <p className="body" dir="auto" lang={langOf(wordsOf(draft))}>
                {wordsOf(draft)}
              </p>
            )}
            {draft.other && <p className="body quiet">{t('refused.other')}</p>}
            <div className="acts">
              <button type="button" className="btn btn--s" onClick={() => session.resend(draft)}>
                {t('refused.again')}
              </button>
              {wordsOf(draft) !== '' && (
                <button type="button" className="btn btn--s btn--bare" onClick={() => void copy(draft)}>
                  {t('copy')}
                </button>
              )}
              <button type="button" className="btn btn--s btn--bare" onClick={() => session.discard(draft)}>
                {t('discard')}
              </button>
            </div>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
