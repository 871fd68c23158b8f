/** One comment of a thread with what may be done to it, and its replies below it. */

import { CornerUpLeft, PenLine, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../elements/store.js';
import { tellRefused } from '../elements/toast.js';
import { Avatar, Name, useName, usePeople } from '../people/person.js';
import type { CommentView } from '../session/types.js';
import type { OpenLayer } from '../reading/places.js';
import { Body } from './body.js';
import { EntryState } from './entry-state.js';
import { useReader } from './reader.js';
import { RemoveDialog } from './remove-dialog.js';
import type { Reply } from './thread-order.js';
import { When } from './when.js';
import { excess, WritingField } from './writing-field.js';

interface RepliesProps {
  layer: OpenLayer;
  replies: readonly Reply[];
  onReply: (view: CommentView) => void;
}

export function Replies({ layer, replies, onReply }: RepliesProps) {
  if (replies.length === 0) return null;
  return (
    <div className="replies">
      {replies.map(({ view, replies: under }) => (
        <ReplyView key={view.id} layer={layer} view={view} under={under} onReply={onReply} />
      ))}
    </div>
  );
}

function ReplyView({
  layer,
  view,
  under,
  onReply,
}: {
  layer: OpenLayer;
  view: CommentView;
  under: readonly Reply[];
  onReply: (view: CommentView) => void;
}) {
  const { t } = useTranslation();
  const name = useName(view.comment.author);
  const { comment: mayReply } = useStore(layer.layer.copy.may);
  const [editing, setEditing] = useState(false);
  return (
    <div className="comment" role="comment" aria-label={t('reply.by', { name })}>
      {view.removed ? (
        <p className="body quiet">{t('removed.stub')}</p>
      ) : (
        <>
          <div className="comment__head">
            <Avatar id={view.comment.author} small />
            <Name id={view.comment.author} />
            <When at={view.comment.created} />
            <Edited view={view} />
            <EntryState copy={layer.layer.copy} stored={view.stored} />
            {!editing && (
              <span className="end">
                {mayReply && (
                  <IconAct label={t('reply')} act={() => onReply(view)}>
                    <CornerUpLeft className="i i--s" aria-hidden="true" />
                  </IconAct>
                )}
                <OwnActs layer={layer} view={view} onEdit={() => setEditing(true)} />
              </span>
            )}
          </div>
          {editing ? (
            <EditForm layer={layer} view={view} onDone={() => setEditing(false)} />
          ) : (
            <Foldable hidden={view.hidden}>
              <Body body={view.comment.body} />
            </Foldable>
          )}
        </>
      )}
      <Replies layer={layer} replies={under} onReply={onReply} />
    </div>
  );
}

export function Edited({ view }: { view: CommentView }) {
  const { t } = useTranslation();
  const { edited } = view.comment;
  return edited === undefined ? null : <span className="edited">{t('edited')}</span>;
}

/** A moderator folded these words away: they are there for whoever wants to read them. */
export function Foldable({ hidden, children }: { hidden: boolean; children: ReactNode }) {
  const { t } = useTranslation();
  if (!hidden) return children;
  return (
    <details>
      <summary className="quiet">{t('hidden.fold')}</summary>
      {children}
    </details>
  );
}

function OwnActs({ layer, view, onEdit }: { layer: OpenLayer; view: CommentView; onEdit: () => void }) {
  const { t } = useTranslation();
  const people = usePeople();
  const may = useStore(layer.layer.copy.may);
  const [removing, setRemoving] = useState(false);
  const mine = view.comment.author === people.me && may.comment;
  return (
    <>
      {mine && (
        <IconAct label={t('edit')} act={onEdit}>
          <PenLine className="i i--s" aria-hidden="true" />
        </IconAct>
      )}
      {(mine || may.moderate) && (
        <IconAct label={t('remove')} act={() => setRemoving(true)}>
          <Trash2 className="i i--s" aria-hidden="true" />
        </IconAct>
      )}
      {removing && (
        <RemoveDialog
          onClose={() => setRemoving(false)}
          onRemove={() => {
            if (!layer.layer.remove(view.id)) tellRefused(t('post.refused'));
          }}
        />
      )}
    </>
  );
}

function IconAct({ label, act, children }: { label: string; act: () => void; children: ReactNode }) {
  return (
    <button type="button" className="iconbtn iconbtn--s" aria-label={label} title={label} onClick={act}>
      {children}
    </button>
  );
}

export function EditForm({
  layer,
  view,
  onDone,
}: {
  layer: OpenLayer;
  view: CommentView;
  onDone: () => void;
}) {
  const { t } = useTranslation();
  const { drafts } = useReader();
  const key = `edit:${layer.id}/${view.id}`;
  const [words, setWords] = useState(() => drafts.text(key) ?? view.comment.body);
  const over = excess(words);
  const write = (next: string) => {
    setWords(next);
    drafts.setText(key, next === view.comment.body ? null : next);
  };
  const finish = () => {
    drafts.setText(key, null);
    onDone();
  };
  const save = () => {
    const body = words.trim();
    if (body === '' || over > 0) return;
    if (body !== view.comment.body && !layer.layer.editComment(view.id, body)) tellRefused(t('post.refused'));
    else finish();
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <WritingField
        className="area"
        label={t('edit')}
        value={words}
        focus
        onChange={write}
        onPost={save}
        onEscape={finish}
      />
      {over > 0 && <p className="state state--no">{t('too-long', { count: over })}</p>}
      <div className="row">
        <button type="submit" className="btn btn--ink btn--s" disabled={words.trim() === '' || over > 0}>
          {t('save')}
        </button>
        <button type="button" className="btn btn--bare btn--s" onClick={finish}>
          {t('cancel')}
        </button>
      </div>
    </form>
  );
}
