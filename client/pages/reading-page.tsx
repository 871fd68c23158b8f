/** The page of one reading: opens it, or says in words why it cannot. */

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../elements/store.js';
import { useTitle } from '../elements/title.js';
import { PeopleProvider } from '../people/person.js';
import { Plain } from './front.js';
import { Missing } from './missing.js';
import { ReadingLoader, type Reading } from './reading-loader.js';
import { ReadingView } from './reading-view.js';

export function ReadingPage({ id, thread }: { id: string; thread: string | null }) {
  const { t } = useTranslation();
  const [loader] = useState(() => new ReadingLoader(id));
  const opening = useStore(loader.opening);
  useEffect(() => {
    loader.start();
    return loader.stop;
  }, [loader]);

  switch (opening.state) {
    case 'loading':
      return <Bones />;
    case 'missing':
      return <Missing />;
    case 'signed-out':
      return <Plain title={t('signed-out.title')} words={t('signed-out.words')} />;
    case 'failed':
      return (
        <Plain title={t('reading.failed')} words={t('failed.no-answer')}>
          <button type="button" className="btn" onClick={loader.start}>
            {t('try-again')}
          </button>
        </Plain>
      );
    case 'ready':
      return <Opened reading={opening.reading} thread={thread} />;
  }
}

function Opened({ reading, thread }: { reading: Reading; thread: string | null }) {
  const { t } = useTranslation();
  const state = useStore(reading.content.state);
  const connection = useStore(reading.session.connection);
  useTitle(`${reading.document.title} · ${reading.document.group.name}`);
  if (state === 'closed') return <Missing />;
  if (connection === 'signed-out')
    return <Plain title={t('signed-out.title')} words={t('signed-out.words')} />;
  if (state === 'loading') return <Bones />;
  return (
    <PeopleProvider value={reading.people}>
      <ReadingView reading={reading} thread={thread} />
    </PeopleProvider>
  );
}

/** Drawn after 300 ms only: most readings open sooner. */
function Bones() {
  const { t } = useTranslation();
  return (
    <main className="plain late" aria-busy="true" aria-label={t('reading.opening')}>
      <div className="bones">
        <span className="bone" style={{ width: '46%', height: '1.4em' }} />
        <span className="bone" />
        <span className="bone" style={{ width: '96%' }} />
        <span className="bone" style={{ width: '71%' }} />
      </div>
    </main>
  );
}
