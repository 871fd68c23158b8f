/** What an invitation opens: whom one reads with, under which name, and what the others will see of one. */

import { Eye, LogOut, LockKeyhole, Server } from 'lucide-react';
import { useEffect, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../elements/store.js';
import { useTitle } from '../elements/title.js';
import { langOf } from '../language/lang-of.js';
import { invitation, join, me, type Invitation, type Me, type Problem } from '../session/api.js';
import { Question } from './asked.js';
import { Front, Plain } from './front.js';
import { hueOf, initialOf } from '../people/people.js';
import { goTo } from './router.js';

export function JoinPage({ code }: { code: string }) {
  const { t } = useTranslation();
  const [invited] = useState(() => new Question(() => invitation(code)));
  const [known] = useState(() => new Question(me));
  const answer = useStore(invited.answer);
  const signedIn = useStore(known.answer);
  useEffect(() => {
    invited.ask();
    known.ask();
  }, [invited, known]);
  useTitle(answer.state === 'here' ? t('join.title', { group: answer.value.group.name }) : '');

  if (answer.state === 'failed') {
    const { status } = answer.problem;
    if (status === 404) return <Plain title={t('join.unknown.title')} words={t('join.unknown.words')} />;
    return (
      <Plain title={t('failed.title')} words={status === 429 ? t('join.too-many') : t('failed.no-answer')}>
        <button type="button" className="btn" onClick={invited.ask}>
          {t('try-again')}
        </button>
      </Plain>
    );
  }
  if (answer.state === 'waiting' || signedIn.state === 'waiting') return <Front single>{null}</Front>;
  return (
    <JoinForm
      code={code}
      invited={answer.value}
      signedIn={signedIn.state === 'here' ? signedIn.value : null}
    />
  );
}

interface JoinFormProps {
  code: string;
  invited: Invitation;
  signedIn: Me | null;
}

/** What the server said, in words for the one who joins. */
type Fault = 'name' | 'taken' | 'unknown' | 'too-many' | 'no-answer';

function faultOf({ status }: Problem): Fault {
  if (status === 409) return 'taken';
  if (status === 400 || status === 422) return 'name';
  if (status === 404) return 'unknown';
  return status === 429 ? 'too-many' : 'no-answer';
}

function JoinForm({ code, invited, signedIn }: JoinFormProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(signedIn?.user.name ?? '');
  const [fault, setFault] = useState<{ kind: Fault; proposal?: string | undefined } | null>(null);
  const [busy, setBusy] = useState(false);

  const enter = async (chosen: string) => {
    setBusy(true);
    const answer = await join(code, chosen.trim());
    setBusy(false);
    if (answer.ok) goTo('/');
    else setFault({ kind: faultOf(answer.error), proposal: answer.error.proposal });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === '') setFault({ kind: 'name' });
    else void enter(name);
  };
  const take = (proposal: string) => {
    setName(proposal);
    setFault(null);
    void enter(proposal);
  };

  return (
    <Front foot={<span>{t('join.host', { host: location.host })}</span>}>
      <form aria-labelledby="join-heading" onSubmit={submit} noValidate>
        <p className="over">{t('join.over')}</p>
        <h1 id="join-heading" lang={langOf(invited.group.name)}>
          {invited.group.name}
        </h1>
        <Lede invited={invited} />
        {signedIn && (
          <>
            <p className="quiet">{t('join.already', { name: signedIn.user.name })}</p>
            <button
              type="button"
              className="btn btn--ink btn--big"
              onClick={() => void enter(signedIn.user.name)}
            >
              {t('join.go-on', { name: signedIn.user.name })}
            </button>
          </>
        )}
        {!signedIn && (
          <>
            <label className="label" htmlFor="join-name">
              {t('join.name')}
            </label>
            <input
              id="join-name"
              className="field"
              name="name"
              autoComplete="name"
              autoFocus
              required
              maxLength={128}
              dir="auto"
              value={name}
              aria-invalid={fault?.kind === 'name' || fault?.kind === 'taken'}
              aria-describedby="join-hint"
              onChange={(event) => {
                setName(event.target.value);
                setFault(null);
              }}
            />
            <p id="join-hint" className="small quiet hint">
              {t('join.hint')}
            </p>
            <button className="btn btn--ink btn--big" disabled={busy}>
              {t('join.enter')}
            </button>
          </>
        )}
        <div className="fault" role="alert">
          {fault && <span>{t(`join.fault.${fault.kind}`)}</span>}
          {fault?.proposal && (
            <button type="button" className="btn btn--s" onClick={() => take(fault.proposal ?? '')}>
              {t('join.take', { name: fault.proposal })}
            </button>
          )}
        </div>
      </form>
      <span className="split" aria-hidden="true" />
      <Promises name={name.trim()} />
    </Front>
  );
}

function Lede({ invited }: { invited: Invitation }) {
  const { t } = useTranslation();
  const shown = invited.documents.slice(0, 3);
  return (
    <p className="lede">
      {invited.readers > 0 && <>{t('join.readers', { count: invited.readers })} </>}
      {shown.length > 0 && (
        <>
          {t('join.reading')}{' '}
          {shown.map((title, index) => (
            <span key={index}>
              {index > 0 && t('list.comma')}
              <cite lang={langOf(title)}>{langOf(title) === 'zh' ? `《${title}》` : title}</cite>
            </span>
          ))}
          {t('full-stop')}
        </>
      )}
    </p>
  );
}

/** Each of these sentences is a promise: it is true, or it goes. */
function Promises({ name }: { name: string }) {
  const { t } = useTranslation();
  const shown = name || t('join.sample-name');
  return (
    <section aria-labelledby="join-seen">
      <h2 id="join-seen">{t('join.seen')}</h2>
      <div className="preview" aria-hidden="true">
        <p className="sample">
          {t('join.sample-before')}
          <span className="hl" data-color="amber">
            {t('join.sample-marked')}
          </span>
          <span className="caret" data-p={hueOf(name)}>
            <span className="flag">{shown}</span>
          </span>
          {t('full-stop')}
        </p>
        <div className="comment__head">
          <span className="who who--s" data-p={hueOf(name)}>
            {initialOf(shown)}
          </span>
          <b>{shown}</b>
          <time>{t('join.sample-time')}</time>
          <span className="kind">{t('color.amber')}</span>
        </div>
        <p className="body">{t('join.sample-body')}</p>
      </div>
      <ul className="facts">
        <li>
          <Eye className="i" aria-hidden="true" />
          <span>
            <b>{t('join.promise.presence')}</b> {t('join.promise.presence-more')}
          </span>
        </li>
        <li>
          <LockKeyhole className="i" aria-hidden="true" />
          <span>
            <b>{t('join.promise.private')}</b> {t('join.promise.private-more')}
          </span>
        </li>
        <li>
          <Server className="i" aria-hidden="true" />
          <span>
            <b>{t('join.promise.account')}</b> {t('join.promise.account-more', { host: location.host })}
          </span>
        </li>
        <li>
          <LogOut className="i" aria-hidden="true" />
          <span>
            <b>{t('join.promise.leave')}</b> {t('join.promise.leave-more')}
          </span>
        </li>
      </ul>
    </section>
  );
}
