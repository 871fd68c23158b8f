/** A time in words, whole on hover. */

import { fullTime, shortTime } from '../language/time.js';
import { useLanguage } from '../language/language.js';
import { useReader } from './reader.js';

export function When({ at }: { at: number }) {
  const language = useLanguage();
  const reader = useReader();
  return (
    <time dateTime={new Date(at).toISOString()} title={fullTime(at, language)}>
      {shortTime(at, reader.now(), language)}
    </time>
  );
}
