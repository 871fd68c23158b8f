/** One thread: at rest its author, time, kind, two lines and the number of replies; active, everything. */

import {
  ArrowLeftRight,
  Check,
  ChevronLeft,
  ChevronRight,
  Link2,
  Lock,
  RotateCcw,
  Unlink,
} from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../elements/store.js';
import { langOf } from '../language/lang-of.js';
import { Avatar, Name, useName, usePeople } from '../people/person.js';
import type { Place } from '../reading/places.js';
import type { CommentView } from '../session/types.js';
import { Body } from './body.js';
import { Edited, EditForm, Foldable, Replies } from './comment.js';
import { EntryState } from './entry-state.js';
import { Kind, KindChoice } from './kind.js';
import { useReader } from './reader.js';
import { ReplyForm } from './reply-form.js';
import { useResolve } from './resolve.js';
import { ThenNow } from './then-now.js';
import { ThreadMenu } from './thread-menu.js';
import { orderThread } from './thread-order.js';
import { When } from './when.js';

/** Which of the marks under the press this one is, and the way to the others. */
export interface Steps {
  readonly at: number;
  readonly of: number;
  step: (by: 1 | -1) => void;
}

interface ThreadCardProps {
  place: Place;
  active: boolean;
  steps: Steps | null;
  /** In a sheet, whose head says the kind. */
  inSheet?: boolean;
  /** Who is writing here, by name. */
  writing: readonly string[];
}

export function ThreadCard({ place, active, steps, inSheet = false, writing }: ThreadCardProps) {
  const { t } = useTranslation();
  const { thread, layer, state } = place;
  const { annotation, target } = thread;
  const reader = useReader();
  const may = useStore(layer.layer.copy.may);
  const { body, replies, count } = orderThread(thread);
  const [editing, setEditing] = useState(false);
  const [answered, setAnswered] = useState<CommentView | null>(null);
  const removed = thread.removed !== undefined;

  return (
    <>
      <header className="card__head">
        <Avatar id={annotation.author} small />
        <Name id={annotation.author} />
        <When at={annotation.created} />
        {body && !removed && <Edited view={body} />}
        <span className="end">
          <EntryState copy={layer.layer.copy} stored={thread.stored} />
          {state === 'changed' && (
            <Tag icon={<ArrowLeftRight className="i i--s" aria-hidden="true" />} words={t('words.changed')} />
          )}
          {state === 'lost' && (
            <Tag icon={<Unlink className="i i--s" aria-hidden="true" />} words={t('words.lost')} />
          )}
          {layer.kind === 'private' && (
            <Tag icon={<Lock className="i i--s" aria-hidden="true" />} words={t('only-you')} />
          )}
          {!active && state !== 'changed' && state !== 'lost' && layer.kind !== 'private' && (
            <span className="kind">{t(`color.${annotation.color}`)}</span>
          )}
          {active && steps && <Stepper steps={steps} />}
          {active && <ResolveButton place={place} />}
          {active && <ThreadMenu place={place} body={body} onEdit={() => setEditing(true)} />}
        </span>
      </header>
      {state === 'lost' && target && (
        <p className="lostquote" lang={langOf(target.exact)}>
          {target.exact}
        </p>
      )}
      {removed ? (
        <p className="body quiet">{t('removed.stub')}</p>
      ) : (
        <>
          {annotation.suggestion !== undefined && target && (
            <p className="body suggest" role="suggestion" lang={langOf(target.exact)}>
              <del>{target.exact}</del> <ins>{annotation.suggestion}</ins>
            </p>
          )}
          {editing && body ? (
            <>
              <KindChoice
                value={annotation.color}
                onChange={(color) => layer.layer.editAnnotation(place.id, { color })}
              />
              <EditForm layer={layer} view={body} onDone={() => setEditing(false)} />
            </>
          ) : (
            body &&
            !body.removed && (
              <Foldable hidden={thread.hidden || body.hidden}>
                <Body body={body.comment.body} cut={!active} />
              </Foldable>
            )
          )}
          {body?.removed && <p className="body quiet">{t('removed.stub')}</p>}
          {!body && active && <p className="body quiet">{t('highlight.wordless')}</p>}
        </>
      )}
      {state === 'changed' && target && <ThenNow then={target.exact} now={reader.words(place)} />}
      {!active && <Meta count={count} writing={writing} />}
      {active && (
        <>
          {!editing && (
            <div className="acts">
              {!inSheet && <Kind color={annotation.color} />}
              {!body && <ColorActs place={place} />}
              {state === 'lost' && <AttachButton place={place} />}
            </div>
          )}
          <ResolvedBy place={place} />
          <Replies layer={layer} replies={replies} onReply={setAnswered} />
          {writing.length > 0 && (
            <p className="meta">
              <span>{t('writing', { name: writing.join(t('list.comma')) })}</span>
            </p>
          )}
          {may.comment && (
            <ReplyForm
              key={answered?.id ?? 'thread'}
              place={place}
              to={answered}
              onPosted={() => setAnswered(null)}
            />
          )}
        </>
      )}
    </>
  );
}

function Tag({ icon, words }: { icon: React.ReactNode; words: string }) {
  return (
    <span className="tag">
      {icon}
      {words}
    </span>
  );
}

function Stepper({ steps }: { steps: Steps }) {
  const { t } = useTranslation();
  return (
    <span className="step" role="group" aria-label={t('overlap')}>
      <button
        type="button"
        className="iconbtn iconbtn--s"
        aria-label={t('overlap.previous')}
        onClick={() => steps.step(-1)}
      >
        <ChevronLeft className="i i--s" aria-hidden="true" />
      </button>
      <span className="num" aria-live="polite">
        {steps.at + 1}/{steps.of}
      </span>
      <button
        type="button"
        className="iconbtn iconbtn--s"
        aria-label={t('overlap.next')}
        onClick={() => steps.step(1)}
      >
        <ChevronRight className="i i--s" aria-hidden="true" />
      </button>
    </span>
  );
}

function ResolveButton({ place }: { place: Place }) {
  const { t } = useTranslation();
  const resolve = useResolve(place);
  if (!resolve) return null;
  const resolved = place.thread.status.state === 'resolved';
  const label = resolved ? t('reopen') : t('resolve');
  return (
    <button
      type="button"
      className="iconbtn iconbtn--s"
      aria-label={label}
      aria-keyshortcuts="R"
      title={`${label} (R)`}
      onClick={resolve}
    >
      {resolved ? <RotateCcw className="i" aria-hidden="true" /> : <Check className="i" aria-hidden="true" />}
    </button>
  );
}

function ResolvedBy({ place }: { place: Place }) {
  const { t } = useTranslation();
  const { status } = place.thread;
  const name = useName(status.by);
  if (status.state !== 'resolved') return null;
  return (
    <p className="meta resolvedby">
      <Check className="i i--s" aria-hidden="true" />
      <span>{t('resolved.by', { name })}</span>
      <When at={status.at} />
    </p>
  );
}

function Meta({ count, writing }: { count: number; writing: readonly string[] }) {
  const { t } = useTranslation();
  if (count === 0 && writing.length === 0) return null;
  return (
    <p className="meta">
      {count > 0 && <span>{t('replies.count', { count })}</span>}
      {writing.length > 0 && <span>{t('writing', { name: writing.join(t('list.comma')) })}</span>}
    </p>
  );
}

/** A highlight without words: its author may give it another colour. */
function ColorActs({ place }: { place: Place }) {
  const { thread, layer, id } = place;
  const me = usePeople().me;
  const may = useStore(layer.layer.copy.may);
  if (thread.annotation.author !== me || !may.comment) return null;
  return (
    <KindChoice
      value={thread.annotation.color}
      onChange={(color) => layer.layer.editAnnotation(id, { color })}
    />
  );
}

function AttachButton({ place }: { place: Place }) {
  const { t } = useTranslation();
  const reader = useReader();
  const me = usePeople().me;
  const may = useStore(place.layer.layer.copy.may);
  if (!(may.moderate || may.decide || (may.comment && place.thread.annotation.author === me))) return null;
  return (
    <button type="button" className="btn btn--s" onClick={() => reader.attach(place)}>
      <Link2 className="i i--s" aria-hidden="true" />
      {t('attach')}
    </button>
  );
}
