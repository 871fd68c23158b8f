/** A one-time link by which I go on on another device. It is made when the dialog opens, and ends in ten minutes. */

import { Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { copyText } from '../elements/copy-text.js';
import { Dialog } from '../elements/dialog.js';
import { tell, tellRefused } from '../elements/toast.js';
import { fullTime } from '../language/time.js';
import { useLanguage } from '../language/language.js';
import { link, type Answer, type Link } from '../session/api.js';

export function DeviceLinkDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const [answer, setAnswer] = useState<Answer<Link> | null>(null);
  useEffect(() => {
    let wanted = true;
    void link().then((made) => wanted && setAnswer(made));
    return () => {
      wanted = false;
    };
  }, []);
  return (
    <Dialog title={t('device.title')} onClose={onClose}>
      <p className="quiet">{t('device.words')}</p>
      {answer?.ok === false && (
        <p role="alert" className="state state--no">
          {t('failed.no-answer')}
        </p>
      )}
      {answer?.ok && (
        <>
          {answer.value.qr && (
            <img
              className="qr"
              alt={t('device.qr')}
              src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(answer.value.qr)}`}
            />
          )}
          <CopyField label={t('device.link')} words={answer.value.url} />
          <p className="small quiet hint">
            {t('device.ends', { time: fullTime(Date.parse(answer.value.expires), language) })}
          </p>
        </>
      )}
    </Dialog>
  );
}

/** An address in a field, and a button that copies it. */
export function CopyField({ label, words }: { label: string; words: string }) {
  const { t } = useTranslation();
  const copy = async () => {
    if (await copyText(words)) tell(t('copied'));
    else tellRefused(t('copy.refused'));
  };
  return (
    <div className="row copyfield">
      <input
        className="field"
        readOnly
        aria-label={label}
        value={words}
        onFocus={(event) => event.target.select()}
      />
      <button type="button" className="btn" onClick={() => void copy()}>
        <Copy className="i" aria-hidden="true" />
        {t('copy')}
      </button>
    </div>
  );
}
