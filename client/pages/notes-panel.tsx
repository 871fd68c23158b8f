/** Which notes are shown, those whose passage is lost, and those that were begun. */

import { PenLine, Unlink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { langOf } from '../language/lang-of.js';
import type { NewNote } from '../margin/drafts.js';
import type { Place } from '../reading/places.js';
import { Check } from './options.js';

interface NotesPanelProps {
  resolved: number;
  showResolved: boolean;
  onShowResolved: (on: boolean) => void;
  lost: readonly Place[];
  onOpen: (place: Place) => void;
  /** Notes that were begun and put away. */
  drafts: readonly NewNote[];
  onCompose: (id: string) => void;
}

export function NotesPanel(props: NotesPanelProps) {
  const { resolved, showResolved, onShowResolved, lost, onOpen, drafts, onCompose } = props;
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
      {drafts.length > 0 && (
        <>
          <h3>{t('draft.count', { count: drafts.length })}</h3>
          <ul>
            {drafts.map(({ id, body }) => (
              <li key={id}>
                <button type="button" onClick={() => onCompose(id)}>
                  <PenLine className="i i--s" aria-hidden="true" />
                  <span className="cut" lang={langOf(body)}>
                    {body}
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
