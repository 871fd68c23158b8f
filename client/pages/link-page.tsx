/** A one-time link from another device. Opening it uses nothing up: only the button does. */

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../elements/store.js';
import { useTitle } from '../elements/title.js';
import { signIn } from '../session/api.js';
import { me } from '../session/api.js';
import { Question } from './asked.js';
import { Plain } from './front.js';
import { follow, goTo } from './router.js';
import { closeSession } from './signed-in.js';

export function LinkPage({ code }: { code: string }) {
  const { t } = useTranslation();
  const [known] = useState(() => new Question(me));
  const signedIn = useStore(known.answer);
  const [fault, setFault] = useState<'used' | 'too-many' | 'no-answer' | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => known.ask(), [known]);
  useTitle(t('link.title'));

  const enter = async () => {
    setBusy(true);
    await closeSession();
    const answer = await signIn(code);
    setBusy(false);
    if (answer.ok) goTo('/');
    else if (answer.error.status === 429) setFault('too-many');
    else setFault(answer.error.status >= 400 && answer.error.status < 500 ? 'used' : 'no-answer');
  };
  if (fault === 'used') {
    return (
      <Plain title={t('link.used.title')} words={t('link.used.words')}>
        {signedIn.state === 'here' && (
          <a className="btn" href="/" onClick={follow}>
            {t('to-library')}
          </a>
        )}
      </Plain>
    );
  }
  const words =
    signedIn.state === 'here' ? t('link.other', { name: signedIn.value.user.name }) : t('link.words');
  return (
    <Plain title={t('link.title')} words={words}>
      <button type="button" className="btn btn--ink btn--big" disabled={busy} onClick={() => void enter()}>
        {t('link.enter')}
      </button>
      {fault && (
        <p className="fault" role="alert">
          {fault === 'too-many' ? t('join.fault.too-many') : t('join.fault.no-answer')}
        </p>
      )}
    </Plain>
  );
}
