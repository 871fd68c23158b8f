/** A reply to a thread. What is begun belongs to the thread and stays when another is opened or the window closes. */

import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { tellRefused } from '../elements/toast.js';
import { Avatar, useName, usePeople } from '../people/person.js';
import type { Place } from '../reading/places.js';
import type { CommentView } from '../session/types.js';
import { useReader } from './reader.js';
import { excess, WritingField } from './writing-field.js';

interface ReplyFormProps {
  place: Place;
  /** The reply that is answered; null: the thread. */
  to: CommentView | null;
  onPosted: () => void;
}

export function ReplyForm({ place, to, onPosted }: ReplyFormProps) {
  const { t } = useTranslation();
  const reader = useReader();
  const people = usePeople();
  const key = `reply:${place.key}`;
  const [words, setWords] = useState(() => reader.drafts.text(key) ?? '');
  const author = to?.comment.author ?? place.thread.annotation.author;
  const name = useName(author);
  const over = excess(words);
  const begun = words.trim() !== '';

  const write = (next: string) => {
    setWords(next);
    reader.drafts.setText(key, next);
    // What is private is nobody's news.
    if (place.layer.kind !== 'private') reader.writing(next.trim() === '' ? null : place.id);
  };
  const post = () => {
    if (!begun || over > 0) return;
    const posted = place.layer.layer.comment({
      annotation: place.id,
      body: words.trim(),
      ...(to ? { parent: to.id } : undefined),
      ...(place.state === 'changed' ? { quote: reader.words(place) } : undefined),
    });
    if (posted === null) {
      tellRefused(t('post.refused'));
      return;
    }
    write('');
    onPosted();
  };
  return (
    <form
      className="reply"
      onSubmit={(event) => {
        event.preventDefault();
        post();
      }}
    >
      <Avatar id={people.me} small />
      <div className="grow">
        <WritingField
          label={t('reply')}
          placeholder={author === people.me ? t('reply') : t('reply.to', { name })}
          value={words}
          focus={to !== null}
          onChange={write}
          onPost={post}
          onEscape={() => reader.leave()}
          onBlur={() => reader.writing(null)}
        />
        {over > 0 && <p className="state state--no">{t('too-long', { count: over })}</p>}
        {begun && (
          <div className="row reply__acts">
            <button type="submit" className="btn btn--ink btn--s" disabled={over > 0}>
              {t('post')} <kbd aria-hidden="true">Ctrl ↵</kbd>
            </button>
            <button type="button" className="btn btn--bare btn--s" onClick={() => write('')}>
              {t('discard')}
            </button>
          </div>
        )}
      </div>
    </form>
  );
}
