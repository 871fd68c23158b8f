/** Writing a new note beside its passage. Who will see it is said in words, always. */

import { Lock, PenLine, Users, X } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Color } from '#core/entries.js';
import { tell, tellRefused } from '../elements/toast.js';
import { useStore } from '../elements/store.js';
import { langOf } from '../language/lang-of.js';
import type { NewNote } from './drafts.js';
import { Kind, KindChoice } from './kind.js';
import { useReader } from './reader.js';
import { excess, WritingField } from './writing-field.js';

interface ComposerProps {
  note: NewNote;
  /** In a sheet, which says the kind and closes by itself. */
  inSheet?: boolean;
  /** Puts the form away; what is written stays. */
  onFold: () => void;
  onDone: (posted: boolean) => void;
}

export function Composer({ note, inSheet = false, onFold, onDone }: ComposerProps) {
  const { t } = useTranslation();
  const reader = useReader();
  const kept = useStore(reader.drafts.kept);
  const label = useId();
  const change = (part: Partial<NewNote>) => reader.drafts.put({ ...note, ...part });
  const over = excess(note.body);
  const empty = note.body.trim() === '';
  const isPrivate = note.audience === 'private';

  const post = () => {
    if (empty || over > 0) return;
    if (reader.post(note)) {
      reader.drafts.drop(note.id);
      onDone(true);
    } else tellRefused(t('post.refused'));
  };
  const cancel = () => {
    reader.drafts.drop(note.id);
    onDone(false);
    if (!empty) tell(t('draft.dropped'), { label: t('undo'), act: () => reader.drafts.put(note) });
  };
  const setColor = (color: Color) =>
    change({ color, motivation: color === 'sky' ? 'questioning' : 'commenting' });

  return (
    <form
      className="composer"
      aria-labelledby={label}
      onSubmit={(event) => {
        event.preventDefault();
        post();
      }}
    >
      <div className="card__head">
        {!inSheet && <Kind color={note.color} strong />}
        <span id={label} className="cut quote" lang={langOf(note.target.exact)}>
          <span className="vh">{t('compose.about')} </span>
          {note.target.exact}
        </span>
        {!inSheet && (
          <span className="end">
            <button
              type="button"
              className="iconbtn iconbtn--s"
              aria-label={t('compose.fold')}
              onClick={onFold}
            >
              <X className="i" aria-hidden="true" />
            </button>
          </span>
        )}
      </div>
      <KindChoice value={note.color} onChange={setColor} />
      <WritingField
        className="area"
        label={isPrivate ? t('private-note') : t('comment')}
        placeholder={t('compose.placeholder')}
        value={note.body}
        focus
        onChange={(body) => change({ body })}
        onPost={post}
        onEscape={onFold}
      />
      <div className="audience">
        {isPrivate ? (
          <Lock className="i i--s" aria-hidden="true" />
        ) : (
          <Users className="i i--s" aria-hidden="true" />
        )}
        <span>
          {t('visible-to')} <b>{isPrivate ? t('only-you') : reader.group}</b>
        </span>
        {reader.mayPost(isPrivate ? 'shared' : 'private') && (
          <button
            type="button"
            className="chg"
            onClick={() => change({ audience: isPrivate ? 'shared' : 'private' })}
          >
            {isPrivate ? t('audience.to-group') : t('audience.to-me')}
          </button>
        )}
      </div>
      {over > 0 && <p className="state state--no">{t('too-long', { count: over })}</p>}
      <div className="row composer__acts">
        <button type="submit" className="btn btn--ink btn--s" disabled={empty || over > 0}>
          {t('post')} <kbd aria-hidden="true">Ctrl ↵</kbd>
        </button>
        <button type="button" className="btn btn--bare btn--s" onClick={cancel}>
          {t('cancel')}
        </button>
        {!empty && (
          <span className="state draft-state">
            <PenLine className="i i--s" aria-hidden="true" />
            {kept ? t('draft.kept') : t('draft.not-kept')}
          </span>
        )}
      </div>
    </form>
  );
}

/** A note that was begun and put away. */
export function FoldedNote({ note, onOpen }: { note: NewNote; onOpen: () => void }) {
  const { t } = useTranslation();
  const reader = useReader();
  const drop = () => {
    reader.drafts.drop(note.id);
    tell(t('draft.dropped'), { label: t('undo'), act: () => reader.drafts.put(note) });
  };
  return (
    <>
      <div className="card__head">
        <PenLine className="i i--s" aria-hidden="true" />
        <b>{t('draft')}</b>
        <span className="end state">{t('draft.not-posted')}</span>
      </div>
      <p className="body body--cut" dir="auto" lang={langOf(note.body)}>
        {note.body}
      </p>
      <p className="meta">
        <button type="button" className="act" onClick={onOpen}>
          {t('draft.continue')}
        </button>
        <button type="button" className="act" onClick={drop}>
          {t('discard')}
        </button>
      </p>
    </>
  );
}
