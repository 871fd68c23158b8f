/** Where I am in the text, what is not shown, and what is below. */

import { ChevronDown, Keyboard } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../elements/store.js';
import type { Place } from '../reading/places.js';
import type { Reading } from './reading-loader.js';

interface FootProps {
  reading: Reading;
  blocks: number;
  cards: readonly Place[];
  filtered: number | null;
  onUnfilter: () => void;
  resolved: number;
  showResolved: boolean;
  onShowResolved: (on: boolean) => void;
  onKeys: () => void;
}

export function Foot(props: FootProps) {
  const { reading, blocks, cards, filtered, onUnfilter, resolved, showResolved, onShowResolved, onKeys } =
    props;
  const { t } = useTranslation();
  const [first, last] = useStore(reading.stage.inView);
  const end = reading.source.state.get().blocks[last]?.block;
  const below = cards.filter(
    ({ from, state }) => end && state !== 'whole' && from > end.from + end.length,
  ).length;
  return (
    <footer className="foot">
      <span className="range">
        {first === last
          ? t('foot.one', { number: first + 1, of: blocks })
          : t('foot.range', { first: first + 1, last: last + 1, of: blocks })}
      </span>
      <span className="row">
        {filtered !== null && (
          <button type="button" className="next" onClick={onUnfilter}>
            {t('filter.paragraph', { number: filtered + 1 })} <span className="quiet">{t('filter.off')}</span>
          </button>
        )}
        {resolved > 0 && (
          <button
            type="button"
            className="next"
            aria-pressed={showResolved}
            onClick={() => onShowResolved(!showResolved)}
          >
            {t('resolved.count', { count: resolved })}{' '}
            <span className="quiet">{showResolved ? t('hide') : t('show')}</span>
          </button>
        )}
      </span>
      <span>
        {below > 0 && (
          <span>
            <ChevronDown className="i i--s" aria-hidden="true" /> {t('foot.below', { count: below })}
          </span>
        )}
        <button type="button" className="act" aria-keyshortcuts="?" onClick={onKeys}>
          <Keyboard className="i" aria-hidden="true" />
          {t('keys')} <kbd aria-hidden="true">?</kbd>
        </button>
      </span>
    </footer>
  );
}
