/** The reading itself: the bar, the text, the margin or the sheet, the foot, and what ties them together. */

import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { colors, type Color } from '#core/entries.js';
import { later } from '../elements/later.js';
import { useCoarsePointer, useLayout } from '../elements/media.js';
import { useStore } from '../elements/store.js';
import { tell, Toast } from '../elements/toast.js';
import type { NewNote } from '../margin/drafts.js';
import { Margin } from '../margin/margin.js';
import { ReaderProvider, type Reader } from '../margin/reader.js';
import type { BlockActions } from '../reading/block.js';
import type { Place } from '../reading/places.js';
import { keysOn } from '../reading/settings.js';
import { TextView } from '../reading/text-view.js';
import { Toolbar, type SelectionActions } from '../reading/toolbar.js';
import { Arrivals } from './arrivals.js';
import { DocumentHeader } from './document-header.js';
import { Foot } from './foot.js';
import { MyPresence } from './my-presence.js';
import { OpenSheet } from './open-sheet.js';
import { ReadingBar } from './reading-bar.js';
import type { Reading } from './reading-loader.js';
import { hasCard, useReadingState } from './reading-state.js';
import { useKeys } from './use-keys.js';
import { useNotes } from './use-notes.js';
import { useOpening, useReveal } from './use-opening.js';
import * as acting from './writing-acts.js';

const KeysDialog = later(async () => (await import('./keys-dialog.js')).KeysDialog);
const nobody: readonly string[] = [];

export function ReadingView({ reading, thread }: { reading: Reading; thread: string | null }) {
  const { t } = useTranslation();
  const { document: info, session, content, layers, source, places, stage, drafts, selection } = reading;
  const width = useLayout();
  const coarse = useCoarsePointer();
  const selected = useStore(selection.settled);
  const { state, acts } = useReadingState();
  const [writing, setWriting] = useState<string | null>(null);
  const [keysShown, setKeysShown] = useState(false);
  const notes = useNotes(reading, state, acts, thread);
  const { text, all, active, cards, composing, picked, steps } = notes;
  const { open, leave, remember } = useOpening(acts);
  useReveal({ state, active, composingFrom: picked?.from ?? null, stage, width });

  const mayShare = useStore(
    layers.find(({ kind }) => kind === 'shared')?.layer.copy.may ?? content.may,
  ).comment;
  const wide = width === 'wide';
  const atFoot = width === 'phone' || coarse;

  // The same object from one drawing to the next: every card reads it.
  const reader = useMemo(
    (): Reader => ({
      group: info.group.name,
      drafts,
      now: () => session.now(),
      open: (place) => (place ? open(place) : leave()),
      leave,
      copyLink: (place) => void acting.copyLink(reading, place, t),
      attach: (place) => {
        acts.attach(place.key);
        if (!wide) acts.close();
        tell(t('attach.how'));
      },
      words: ({ from, to }) => source.state.get().plain.slice(Math.max(0, from), Math.max(0, to)),
      writing: setWriting,
      post: (note) => {
        const key = acting.postNote(reading, note);
        if (key === null) return false;
        // The new thread is among the places once this task is over.
        requestAnimationFrame(() => {
          const place = places.find(key);
          if (place) acts.open(place);
        });
        return true;
      },
      mayPost: (audience) => acting.mayPost(reading, audience),
    }),
    [reading, info, drafts, session, source, places, acts, open, leave, wide, t],
  );

  const compose = (audience: NewNote['audience'], color: Color) => {
    remember();
    const before = composing;
    const note = acting.beginNote(reading, audience, color, t);
    if (!note) return;
    if (before?.body.trim() === '') drafts.drop(before.id);
    acts.compose(note.id);
  };
  const attaching = all.find(({ key }) => key === state.attaching);
  const selectionActions: SelectionActions = {
    highlight: (color) => acting.highlight(reading, color, t),
    comment: () => compose('shared', 'amber'),
    question: () => compose('shared', 'sky'),
    note: () => compose('private', 'sand'),
    copy: () => void acting.copyPassage(reading, t),
    dismiss: () => {
      acts.attach(null);
      acting.doneSelecting(reading);
    },
    attach:
      attaching &&
      (() => {
        if (acting.attach(reading, attaching, t)) open(attaching);
        acts.attach(null);
      }),
  };
  const blockActions: BlockActions = useMemo(
    () => ({ open: (place) => open(place, [place], true), filter: acts.filter }),
    [open, acts],
  );
  const press = (met: readonly Place[]) => {
    const [smallest] = met;
    if (smallest) open(smallest, met);
    else if (active) acts.close();
  };

  /** The next or previous card from the open one, or from what is in view. */
  const move = (by: 1 | -1) => {
    const list = cards.filter((place) => hasCard(place) || place === active);
    const at = active ? list.indexOf(active) : -1;
    const top = text.blocks[stage.inView.get()[0]]?.block.from ?? 0;
    const below = list.findIndex(({ from }) => from >= top);
    const near = below < 0 ? list.length : below;
    const next = at >= 0 ? at + by : by > 0 ? near : near - 1;
    const place = list[Math.max(0, Math.min(list.length - 1, next))];
    if (place) open(place, [place], true);
  };

  useKeys({
    on: useStore(keysOn),
    comment: selectionActions.comment,
    question: selectionActions.question,
    note: selectionActions.note,
    highlight: (number) => {
      const color = colors[number - 1];
      if (color) selectionActions.highlight(color);
    },
    move,
    step: (by) => steps?.step(by),
    active,
    copyLink: () => active && reader.copyLink(active),
    toCard: () => active && open(active, [active], true),
    keys: () => setKeysShown(true),
    escape: () => {
      if (state.attaching) acts.attach(null);
      else if (selected) selection.dismiss();
      else if (state.composing) acts.compose(null);
      else if (active) leave();
      else if (state.block !== null) acts.filter(state.block);
    },
  });

  const toolbar = selected && !keysShown && (
    <Toolbar
      selection={selected}
      stage={stage}
      actions={selectionActions}
      shared={mayShare}
      atFoot={atFoot}
    />
  );
  const lastBlock = selected ? text.blocks.findLastIndex(({ block }) => block.from < selected.to) : 0;
  const resolvedFilter = {
    resolved: notes.resolved.length,
    showResolved: state.showResolved,
    onShowResolved: acts.showResolved,
    onKeys: () => setKeysShown(true),
  };

  return (
    <ReaderProvider value={reader}>
      <a className="skip" href="#text">
        {t('skip.text')}
      </a>
      <ReadingBar
        reading={reading}
        narrow={width === 'phone'}
        lost={notes.lost}
        onOpen={(place) => open(place, [place], true)}
        drafts={notes.placedNotes.map(({ note }) => note).filter(({ id }) => id !== state.composing)}
        onCompose={acts.compose}
        {...resolvedFilter}
      />
      <main className="page" data-width={width}>
        <TextView
          stage={stage}
          state={text}
          lang={info.language}
          header={<DocumentHeader document={info} text={text} />}
          byBlock={notes.byBlock}
          active={active}
          picked={picked}
          people={notes.people}
          filter={state.block}
          toolbar={toolbar && !atFoot ? { block: lastBlock, view: toolbar } : null}
          actions={blockActions}
          onPress={press}
        />
        <Margin
          layout={reading.layout}
          places={cards}
          notes={notes.placedNotes}
          active={active?.key ?? null}
          composing={state.composing}
          steps={steps}
          writing={notes.writing}
          folded={!wide}
          empty={wide && all.length === 0 && mayShare && <p className="empty">{t('margin.empty')}</p>}
          onCompose={acts.compose}
          onDone={leave}
        />
      </main>
      {!wide && !(atFoot && selected) && (
        <OpenSheet
          composing={composing}
          active={active}
          steps={steps}
          writing={(active && notes.writing.get(active.id)) ?? nobody}
          onMove={move}
          onClose={leave}
        />
      )}
      {atFoot && toolbar}
      {wide && (
        <Foot
          reading={reading}
          blocks={text.blocks.length}
          cards={cards}
          filtered={state.block}
          onUnfilter={() => state.block !== null && acts.filter(state.block)}
          {...resolvedFilter}
        />
      )}
      <MyPresence reading={reading} selected={selected} writing={writing} />
      <Arrivals reading={reading} />
      <Toast />
      {keysShown && <KeysDialog onClose={() => setKeysShown(false)} />}
    </ReaderProvider>
  );
}
