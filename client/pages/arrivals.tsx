/** Others' work, said aloud: one polite message for all that came in five seconds, never a message each. */

import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Arrival } from '../reading/places.js';
import type { Reading } from './reading-loader.js';

const gathers = 5000;

export function Arrivals({ reading }: { reading: Reading }) {
  const { t } = useTranslation();
  const [message, setMessage] = useState('');
  useEffect(() => {
    let came: Arrival[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const say = () => {
      timer = undefined;
      const { places, people, source } = reading;
      const count = came.length;
      const authors = new Set(came.map(({ author }) => author));
      const blocks = new Set(
        came.map(({ key }) => {
          const from = places.find(key)?.from ?? -1;
          return source.state.get().blocks.findLastIndex(({ block }) => block.from <= from);
        }),
      );
      const [author] = authors;
      const [block] = blocks;
      const name = authors.size === 1 && author ? people.name(author) : '';
      const where = blocks.size === 1 && block !== undefined && block >= 0 ? block + 1 : 0;
      came = [];
      setMessage(
        [
          name ? t('arrived.by', { count, name }) : t('arrived', { count }),
          where > 0 && t('paragraph.name', { number: where }),
        ]
          .filter(Boolean)
          .join(', '),
      );
    };
    const stop = reading.places.onArrival((arrival) => {
      came.push(arrival);
      timer ??= setTimeout(say, gathers);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [reading, t]);
  return (
    <div className="vh" role="log" aria-live="polite" aria-label={t('arrivals')}>
      {message}
    </div>
  );
}
