/** Which notes are shown, and those whose passage is lost. */

import { Unlink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { langOf } from '../language/lang-of.js';
import type { Place } from '../reading/places.js';
import { Check } from './options.js';

interface NotesPanelProps {
  resolved: number;
  showResolved: boolean;
  onShowResolved: (on: boolean) => void;
  lost: readonly Place[];
  onOpen: (place: Place) => void;
}

export function NotesPanel({ resolved, showResolved, onShowResolved, lost, onOpen }: NotesPanelProps) {
  const { t } = useTranslation();
  return (
    <div className="panel">
      <Check
        label={t('resolved.show', { count: resolved })}
        checked={showResolved}
        onChange={onShowResolved}
      />
      {lost.length > 0 && (
        <>
          <h3>{t('lost.count', { count: lost.length })}</h3>
          <ul>
            {lost.map((place) => (
              <li key={place.key}>
                <button type="button" onClick={() => onOpen(place)}>
                  <Unlink className="i i--s" aria-hidden="true" />
                  <span className="cut" lang={langOf(place.thread.target?.exact ?? '')}>
                    {place.thread.target?.exact}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
