/** The library: what my groups read, and the ways in for others and for my other devices. */

import { Menu as MenuIcon, MonitorSmartphone, LogOut, UserPlus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BrandMark } from '../elements/brand.js';
import { DeliveryChip } from '../elements/delivery-chip.js';
import { Dialog } from '../elements/dialog.js';
import { Popover } from '../elements/popover.js';
import { useStore } from '../elements/store.js';
import { Toast } from '../elements/toast.js';
import { useTitle } from '../elements/title.js';
import { langOf } from '../language/lang-of.js';
import { DeviceLinkDialog } from '../library/device-link.js';
import { DocumentRow } from '../library/document-row.js';
import { InvitationBox } from '../library/invitation-box.js';
import { hueOf, initialOf } from '../people/people.js';
import { documents, me, type Answer, type DocumentSummary, type Me } from '../session/api.js';
import type { Session } from '../session/types.js';
import { Question } from './asked.js';
import { Plain } from './front.js';
import { LeaveDialog } from './leave.js';
import { InterfacePanel } from './options.js';
import { follow } from './router.js';
import { sessionOf } from './signed-in.js';

interface Shelf {
  me: Me;
  documents: readonly DocumentSummary[];
  session: Session;
}

async function readShelf(): Promise<Answer<Shelf>> {
  const who = await me();
  if (!who.ok) return who;
  const found: DocumentSummary[] = [];
  for (let next: string | null | undefined; next !== null;) {
    const answer: Awaited<ReturnType<typeof documents>> = await documents(next);
    if (!answer.ok) return answer;
    found.push(...answer.value.items);
    next = answer.value.next;
  }
  return { ok: true, value: { me: who.value, documents: found, session: await sessionOf(who.value.user) } };
}

export function LibraryPage() {
  const { t } = useTranslation();
  const [shelf] = useState(() => new Question(readShelf));
  const answer = useStore(shelf.answer);
  useEffect(() => shelf.ask(), [shelf]);
  useTitle(answer.state === 'here' ? (answer.value.me.groups[0]?.name ?? t('library')) : t('library'));

  if (answer.state === 'failed') {
    if (answer.problem.status === 401) {
      return <Plain title={t('signed-out.title')} words={t('signed-out.words')} />;
    }
    return (
      <Plain title={t('failed.title')} words={t('failed.no-answer')}>
        <button type="button" className="btn" onClick={shelf.ask}>
          {t('try-again')}
        </button>
      </Plain>
    );
  }
  if (answer.state === 'waiting') {
    return (
      <div className="plain late" aria-busy="true" aria-label={t('library.opening')}>
        <Bones />
      </div>
    );
  }
  return <ShelfView shelf={answer.value} />;
}

function Bones() {
  return (
    <div className="bones">
      <span className="bone" style={{ width: '46%', height: '1.4em' }} />
      <span className="bone" />
      <span className="bone" style={{ width: '71%' }} />
    </div>
  );
}

function ShelfView({ shelf }: { shelf: Shelf }) {
  const { t } = useTranslation();
  const { user, groups } = shelf.me;
  const owned = groups.filter(({ role }) => role === 'owner');
  return (
    <>
      <a className="skip" href="#docs">
        {t('skip.documents')}
      </a>
      <LibraryBar shelf={shelf} />
      <main className="lib">
        <div className="docs" id="docs">
          {groups.map(({ id, name }) => (
            <GroupShelf
              key={id}
              name={name}
              documents={shelf.documents.filter(({ groupId }) => groupId === id)}
            />
          ))}
          {groups.length === 0 && <p className="quiet">{t('library.no-group')}</p>}
        </div>
        <div className="aside">
          {owned.map(({ id, name }) => (
            <section key={id} className="box" aria-label={t('invite.title', { group: name })}>
              <h2>{t('invite.title', { group: name })}</h2>
              <p className="quiet">{t('invite.words')}</p>
              <InvitationBox group={id} />
            </section>
          ))}
          <p className="small quiet">{t('library.you-are', { name: user.name })}</p>
        </div>
      </main>
      <Toast />
    </>
  );
}

function GroupShelf({ name, documents: list }: { name: string; documents: readonly DocumentSummary[] }) {
  const { t } = useTranslation();
  return (
    <section aria-label={name}>
      <h1 lang={langOf(name)}>{name}</h1>
      <p className="sub">{t('library.count', { count: list.length })}</p>
      {list.map((document) => (
        <DocumentRow key={document.id} document={document} onOpen={follow} />
      ))}
      {list.length === 0 && (
        <div className="empty-art">
          <svg viewBox="0 0 116 92" aria-hidden="true">
            <path d="M58 20C48 12 32 9 10 9v66c22 0 38 3 48 11 10-8 26-11 48-11V9C84 9 68 12 58 20zM58 20v66" />
            <path d="M22 26h22M22 37h22M22 48h15M72 26h22M72 37h22M72 48h15" strokeDasharray="1 5" />
            <path d="M99 24v9" stroke="var(--accent)" strokeWidth="2" />
          </svg>
          <div>
            <h2>{t('library.empty')}</h2>
            <p>{t('library.empty-words')}</p>
          </div>
        </div>
      )}
    </section>
  );
}

function LibraryBar({ shelf }: { shelf: Shelf }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<'device' | 'invite' | 'leave' | null>(null);
  const { user, groups } = shelf.me;
  const own = groups.find(({ role }) => role === 'owner');
  const close = () => setDialog(null);
  return (
    <header className="bar">
      <a className="brand" href="/" onClick={follow} aria-label={`Marginalia, ${t('library')}`}>
        <BrandMark />
        <span className="name">Marginalia</span>
      </a>
      <div className="bar__end">
        <DeliveryChip session={shelf.session} />
        <Popover label={t('menu')} kind="panel" face={<MenuIcon className="i" aria-hidden="true" />}>
          {(fold) => (
            <>
              <InterfacePanel />
              <div className="panel">
                {own && (
                  <MenuButton
                    icon={<UserPlus className="i" aria-hidden="true" />}
                    act={() => (fold(), setDialog('invite'))}
                  >
                    {t('invite')}
                  </MenuButton>
                )}
                <MenuButton
                  icon={<MonitorSmartphone className="i" aria-hidden="true" />}
                  act={() => (fold(), setDialog('device'))}
                >
                  {t('device')}
                </MenuButton>
                <MenuButton
                  icon={<LogOut className="i" aria-hidden="true" />}
                  act={() => (fold(), setDialog('leave'))}
                >
                  {t('leave')}
                </MenuButton>
              </div>
            </>
          )}
        </Popover>
        <span className="who" data-p={hueOf(user.id)} title={user.name} role="img" aria-label={user.name}>
          {initialOf(user.name)}
        </span>
      </div>
      {dialog === 'device' && <DeviceLinkDialog onClose={close} />}
      {dialog === 'leave' && <LeaveDialog session={shelf.session} onClose={close} />}
      {dialog === 'invite' && own && (
        <Dialog title={t('invite.title', { group: own.name })} onClose={close}>
          <p className="quiet">{t('invite.words')}</p>
          <InvitationBox group={own.id} />
        </Dialog>
      )}
    </header>
  );
}

function MenuButton({ icon, act, children }: { icon: React.ReactNode; act: () => void; children: string }) {
  return (
    <button type="button" onClick={act}>
      {icon}
      {children}
    </button>
  );
}
