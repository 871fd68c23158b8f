/**
 * The notes on one block as a list of buttons, hidden until it has the focus: the meaning of the marks for whoever
 * does not see them, and the way to them by keyboard.
 */

import i18next, { type TFunction } from 'i18next';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { colors, type Color } from '#core/entries.js';
import { useStore } from '../elements/store.js';
import type { People } from '../people/people.js';
import { usePeople } from '../people/person.js';
import type { Place } from './places.js';

interface NotesListProps {
  places: readonly Place[];
  open: (place: Place) => void;
  t: TFunction;
}

/** The id of a thread's card, which exists for every thread that is named near the window. */
export const cardId = (key: string): string => `card-${key.replace('/', '-')}`;

export const NotesList = memo(function NotesList({ places, open, t }: NotesListProps) {
  const people = usePeople();
  useStore(people.changes);
  if (places.length === 0) return null;
  return (
    <ul className="notes" aria-label={t('notes.here')}>
      {places.map((place) => {
        const quote = place.thread.target?.exact ?? '';
        return (
          <li key={place.key}>
            <button
              type="button"
              data-note={place.key}
              aria-details={cardId(place.key)}
              aria-description={quote.length > 120 ? `${quote.slice(0, 119)}…` : quote}
              onClick={() => open(place)}
            >
              {noteLabel(place, people, t)}
            </button>
          </li>
        );
      })}
    </ul>
  );
});

/** The words of labels, looked up once a language: a text may have thousands of notes. */
interface LabelWords {
  kind: Record<Color, string>;
  by: string;
  mine: string;
  highlight: string;
  highlightMine: string;
  onlyYou: string;
  resolved: string;
  changed: string;
  lost: string;
}

const lookedUp = new Map<string, LabelWords>();

function labelWords(t: TFunction): LabelWords {
  const known = lookedUp.get(i18next.language);
  if (known) return known;
  const blank = { kind: '{kind}', name: '{name}' };
  const words: LabelWords = {
    kind: Object.fromEntries(colors.map((color) => [color, t(`color.${color}`)])) as Record<Color, string>,
    by: t('note.by', blank),
    mine: t('note.mine', blank),
    highlight: t('note.highlight', blank),
    highlightMine: t('note.highlight-mine', blank),
    onlyYou: t('only-you'),
    resolved: t('resolved'),
    changed: t('words.changed'),
    lost: t('words.lost'),
  };
  lookedUp.set(i18next.language, words);
  return words;
}

/** "Question by Anna, 2 replies". */
function noteLabel({ thread, layer, state }: Place, people: People, t: TFunction): string {
  const words = labelWords(t);
  const { author, color } = thread.annotation;
  const mine = people.me === author;
  const said = thread.comments.filter(({ removed }) => !removed).length;
  const own = thread.comments[0]?.comment.author === author ? 1 : 0;
  const replies = Math.max(0, said - own);
  const form = said === 0 ? (mine ? words.highlightMine : words.highlight) : mine ? words.mine : words.by;
  const name = people.name(author) || t('somebody');
  const label = [
    form.replace('{kind}', words.kind[color]).replace('{name}', () => name),
    replies > 0 && t('replies.count', { count: replies }),
    layer.kind === 'private' && words.onlyYou,
    thread.status.state === 'resolved' && words.resolved,
    state === 'changed' && words.changed,
    state === 'lost' && words.lost,
  ];
  return label.filter(Boolean).join(', ');
}

/** The same, for whoever names one. */
export function useNoteLabel(place: Place): string {
  const { t } = useTranslation();
  const people = usePeople();
  useStore(people.person(place.thread.annotation.author));
  return noteLabel(place, people, t);
}
