/**
 * The notes on one block as a list of buttons, hidden until it has the focus: the meaning of the marks for whoever
 * does not see them, and the way to them by keyboard.
 */

import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { useName } from '../people/person.js';
import type { Place } from './places.js';

/** The id of a thread's card, which exists for every thread that is named here. */
export const cardId = (key: string): string => `card-${key.replace('/', '-')}`;

export const NotesList = memo(function NotesList({
  places,
  open,
}: {
  places: readonly Place[];
  open: (place: Place) => void;
}) {
  const { t } = useTranslation();
  if (places.length === 0) return null;
  return (
    <ul className="notes" aria-label={t('notes.here')}>
      {places.map((place) => (
        <li key={place.key}>
          <NoteButton place={place} open={open} />
        </li>
      ))}
    </ul>
  );
});

/** "Question by Anna, 2 replies". */
export function useNoteLabel({ thread, layer, state }: Place): string {
  const { t } = useTranslation();
  const name = useName(thread.annotation.author);
  const words = thread.comments.filter(({ removed }) => !removed).length;
  const own = thread.comments[0]?.comment.author === thread.annotation.author ? 1 : 0;
  const replies = Math.max(0, words - own);
  const kind = t(`color.${thread.annotation.color}`);
  const label = [
    words === 0 ? t('note.highlight', { kind, name }) : t('note.by', { kind, name }),
    replies > 0 && t('replies.count', { count: replies }),
    layer.kind === 'private' && t('only-you'),
    thread.status.state === 'resolved' && t('resolved'),
    state === 'changed' && t('words.changed'),
    state === 'lost' && t('words.lost'),
  ];
  return label.filter(Boolean).join(', ');
}

function NoteButton({ place, open }: { place: Place; open: (place: Place) => void }) {
  const label = useNoteLabel(place);
  const quote = place.thread.target?.exact ?? '';
  return (
    <button
      type="button"
      data-note={place.key}
      aria-details={cardId(place.key)}
      aria-description={quote.length > 120 ? `${quote.slice(0, 119)}…` : quote}
      onClick={() => open(place)}
    >
      {label}
    </button>
  );
}
