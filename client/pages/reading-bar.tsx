/** The bar over a reading: where I am, what has happened to my words, who is here, and what can be set. */

import {
  ALargeSmall,
  ChevronLeft,
  Ellipsis,
  Keyboard,
  LogOut,
  Menu as MenuIcon,
  MonitorSmartphone,
  SlidersHorizontal,
} from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { BrandMark } from '../elements/brand.js';
import { DeliveryChip } from '../elements/delivery-chip.js';
import { later } from '../elements/later.js';
import { Popover } from '../elements/popover.js';
import { langOf } from '../language/lang-of.js';
import type { NewNote } from '../margin/drafts.js';
import type { Place } from '../reading/places.js';
import { PresentPeople } from './present-people.js';
import type { Reading } from './reading-loader.js';
import { follow } from './router.js';

const options = () => import('./options.js');
const InterfacePanel = later(async () => (await options()).InterfacePanel);
const SharingPanel = later(async () => (await options()).SharingPanel);
const TypePanel = later(async () => (await options()).TypePanel);
const NotesPanel = later(async () => (await import('./notes-panel.js')).NotesPanel);
const DeviceLinkDialog = later(async () => (await import('../library/device-link.js')).DeviceLinkDialog);
const LeaveDialog = later(async () => (await import('./leave.js')).LeaveDialog);

interface ReadingBarProps {
  reading: Reading;
  narrow: boolean;
  resolved: number;
  showResolved: boolean;
  onShowResolved: (on: boolean) => void;
  lost: readonly Place[];
  onOpen: (place: Place) => void;
  drafts: readonly NewNote[];
  onCompose: (id: string) => void;
  onKeys: () => void;
}

export function ReadingBar(props: ReadingBarProps) {
  const { reading, narrow, resolved, showResolved, onShowResolved, lost, onOpen, drafts, onCompose, onKeys } =
    props;
  const { document: info, session, content } = reading;
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<'device' | 'leave' | null>(null);
  const close = () => setDialog(null);
  const notes = (fold: () => void) => (
    <NotesPanel
      resolved={resolved}
      showResolved={showResolved}
      onShowResolved={onShowResolved}
      lost={lost}
      onOpen={(place) => {
        fold();
        onOpen(place);
      }}
      drafts={drafts}
      onCompose={(id) => {
        fold();
        onCompose(id);
      }}
    />
  );
  const acts = (fold: () => void) => {
    const go = (act: () => void) => () => {
      fold();
      act();
    };
    return (
      <div className="panel">
        <button type="button" onClick={go(() => setDialog('device'))}>
          <MonitorSmartphone className="i" aria-hidden="true" />
          {t('device')}
        </button>
        {!narrow && (
          <button type="button" onClick={go(onKeys)}>
            <Keyboard className="i" aria-hidden="true" />
            {t('keys')}
          </button>
        )}
        <button type="button" onClick={go(() => setDialog('leave'))}>
          <LogOut className="i" aria-hidden="true" />
          {t('leave')}
        </button>
      </div>
    );
  };
  const title = (
    <strong className="cut grow" lang={info.language}>
      {info.title}
    </strong>
  );
  return (
    <header className="bar">
      {narrow ? (
        <>
          <a className="iconbtn" href="/" onClick={follow} aria-label={t('to-library')}>
            <ChevronLeft className="i" aria-hidden="true" />
          </a>
          {title}
        </>
      ) : (
        <>
          <a className="brand" href="/" onClick={follow} aria-label={`Marginalia, ${t('library')}`}>
            <BrandMark />
          </a>
          <nav className="where" aria-label={t('where')}>
            <a href="/" onClick={follow} lang={langOf(info.group.name)}>
              {info.group.name}
            </a>
            <span className="sep" aria-hidden="true">
              /
            </span>
            {title}
          </nav>
        </>
      )}
      <div className="bar__end">
        <DeliveryChip session={session} short={narrow} />
        <PresentPeople content={content} narrow={narrow} />
        {narrow ? (
          <Popover label={t('menu')} kind="panel" face={<Ellipsis className="i" aria-hidden="true" />}>
            {(fold) => (
              <>
                {notes(fold)}
                <TypePanel />
                <InterfacePanel />
                <SharingPanel keyboard={!narrow} />
                {acts(fold)}
              </>
            )}
          </Popover>
        ) : (
          <>
            <span className="divide" aria-hidden="true" />
            <Popover
              label={t('notes.shown')}
              kind="panel"
              face={<SlidersHorizontal className="i" aria-hidden="true" />}
            >
              {notes}
            </Popover>
            <Popover label={t('type')} kind="panel" face={<ALargeSmall className="i" aria-hidden="true" />}>
              {() => <TypePanel />}
            </Popover>
            <Popover label={t('menu')} kind="panel" face={<MenuIcon className="i" aria-hidden="true" />}>
              {(fold) => (
                <>
                  <InterfacePanel />
                  <SharingPanel keyboard={!narrow} />
                  {acts(fold)}
                </>
              )}
            </Popover>
          </>
        )}
      </div>
      {dialog === 'device' && <DeviceLinkDialog onClose={close} />}
      {dialog === 'leave' && <LeaveDialog session={session} onClose={close} />}
    </header>
  );
}
