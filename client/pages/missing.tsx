/** Nothing is there, or nothing that one may see: both answer alike. */

import { useTranslation } from 'react-i18next';
import { useTitle } from '../elements/title.js';
import { follow } from './router.js';

export function Missing() {
  const { t } = useTranslation();
  useTitle('');
  return (
    <main className="plain">
      <p>
        {t('missing')}{' '}
        <a href="/" onClick={follow}>
          {t('to-library')}
        </a>
      </p>
    </main>
  );
}
