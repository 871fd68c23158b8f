/** The words that a note was written about beside the words that stand there now. */

import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { langOf } from '../language/lang-of.js';
import { compareWords } from './word-diff.js';

export function ThenNow({ then, now }: { then: string; now: string }) {
  const { t } = useTranslation();
  const compared = useMemo(() => compareWords(then, now), [then, now]);
  return (
    <dl className="then" aria-label={t('words.then-now')} lang={langOf(then)}>
      <dt>{t('words.then')}</dt>
      <dd>
        {compared.then.map(({ words, same }, index) => (same ? words : <del key={index}>{words}</del>))}
      </dd>
      <dt>{t('words.now')}</dt>
      <dd>{compared.now.map(({ words, same }, index) => (same ? words : <ins key={index}>{words}</ins>))}</dd>
    </dl>
  );
}
