/** The reading itself: the bar, the text, the margin or the sheet, the foot, and what ties them together. */

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { captureTarget } from '#core/anchor.js';
import { colors, type Color, type Target } from '#core/entries.js';
import { decodePosition } from '#core/position.js';
import { copyText } from '../elements/copy-text.js';
import { later } from '../elements/later.js';
import { useCoarsePointer, useLayout } from '../elements/media.js';
import { useStore } from '../elements/store.js';
import { tell, tellRefused, Toast } from '../elements/toast.js';
import { Composer } from '../margin/composer.js';
import type { NewNote } from '../margin/drafts.js';
import { Kind } from '../margin/kind.js';
import { Margin, type PlacedNote } from '../margin/margin.js';
import { ReaderProvider, type Reader } from '../margin/reader.js';
import { Sheet } from '../margin/sheet.js';
import { ThreadCard, type Steps } from '../margin/thread-card.js';
import type { BlockActions } from '../reading/block.js';
import { cardId } from '../reading/notes-list.js';
import { placeKey, type Place } from '../reading/places.js';
import { writingIn } from '../reading/presence.js';
import { keysOn } from '../reading/settings.js';
import { Toolbar, type SelectionActions } from '../reading/toolbar.js';
import { TextView } from '../reading/text-view.js';
import { Arrivals } from './arrivals.js';
import { DocumentHeader } from './document-header.js';
import { Foot } from './foot.js';
import { ReadingBar } from './reading-bar.js';
import type { Reading } from './reading-loader.js';
import { hasCard, isResolved, useReadingState } from './reading-state.js';
import { useKeys } from './use-keys.js';
import { MyPresence } from './my-presence.js';

const nobody: readonly string[] = [];
const KeysDialog = later(async () => (await import('./keys-dialog.js')).KeysDialog);

export function ReadingView({ reading, thread }: { reading: Reading; thread: string | null }) {
  const { t } = useTranslation();
  const {
    document: info,
    session,
    content,
    layers,
    source,
    places,
    stage,
    drafts,
    selection,
    layout,
  } = reading;
  const text = useStore(source.state);
  const all = useStore(places.all);
  const selected = useStore(selection.settled);
  const people = useStore(content.people);
  const notes = useStore(drafts.notes);
  const width = useLayout();
  const coarse = useCoarsePointer();
  const { state, acts } = useReadingState();
  const [writing, setWriting] = useState<string | null>(null);
  const [keysShown, setKeysShown] = useState(false);
  const opener = useRef<HTMLElement | null>(null);

  const shared = layers.find(({ kind }) => kind === 'shared');
  const mine = layers.find(({ kind }) => kind === 'private');
  const sharedMay = useStore((shared ?? mine)?.layer.copy.may ?? content.may);

  const byBlock = reading.lister.list(text.blocks, all);
  const asked = thread === null ? undefined : all.find(({ id }) => id === thread)?.key;
  const opened =
    state.opened === undefined ? (asked === undefined ? null : { key: asked, stack: [asked] }) : state.opened;
  const active = opened ? (all.find(({ key }) => key === opened.key) ?? null) : null;
  const resolved = useMemo(() => all.filter(isResolved), [all]);
  const lost = useMemo(() => all.filter((place) => place.state === 'lost' && hasCard(place)), [all]);
  const cards = useMemo(() => {
    const inBlock = state.block === null ? null : new Set(byBlock[state.block]);
    return all.filter(
      (place) =>
        place.key === active?.key ||
        ((hasCard(place) || (state.showResolved && isResolved(place))) && (!inBlock || inBlock.has(place))),
    );
  }, [all, byBlock, active?.key, state.showResolved, state.block]);
  const placedNotes = useMemo(
    () =>
      notes
        .filter(({ id, body }) => id === state.composing || body.trim() !== '')
        .map((note): PlacedNote => ({ note, from: rangeOf(source, note.target).from })),
    // The text is what the passages are found in.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [notes, state.composing, source, text],
  );
  const composing = notes.find(({ id }) => id === state.composing) ?? null;
  const picked = useMemo(
    () => (composing ? rangeOf(source, composing.target) : null),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [composing, source, text],
  );
  const writers = useMemo(() => {
    const found = new Map<string, string[]>();
    for (const person of people) {
      const where = writingIn(person);
      if (where) found.set(where, [...(found.get(where) ?? []), person.user.name]);
    }
    return found;
  }, [people]);

  const open = useCallback(
    (place: Place, stack: readonly Place[] = [place], focus = false) => {
      const focused = document.activeElement;
      if (focused instanceof HTMLElement && !focused.closest('.card, .sheet')) opener.current = focused;
      acts.open(place, stack, focus);
    },
    [acts],
  );
  const leave = useCallback(() => {
    acts.close();
    acts.compose(null);
    const back = opener.current;
    opener.current = null;
    if (back?.isConnected) back.focus({ preventScroll: true });
    else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }, [acts]);

  // The passage comes into view, above the sheet where there is one; then the card takes the focus if it is asked to.
  const activeKey = active?.key;
  const activeFrom = active && active.from >= 0 ? active.from : null;
  const composingFrom = picked && picked.from >= 0 ? picked.from : null;
  useEffect(() => {
    const offset = composingFrom ?? activeFrom;
    if (offset !== null) stage.reveal(offset, width === 'wide' ? 0.9 : 0.5);
    // Only when another one is opened: what moves afterwards must not move the reader.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [activeKey, state.composing, stage, width]);
  useLayoutEffect(() => {
    if (state.focus === 0 || !activeKey) return;
    const card = document.getElementById(cardId(activeKey));
    const target = width === 'wide' ? card : document.querySelector<HTMLElement>('.sheet__body');
    target?.focus({ preventScroll: true });
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state.focus]);

  const layerOf = (audience: NewNote['audience']) => (audience === 'private' ? mine : shared);
  const mayPost = (audience: NewNote['audience']) => layerOf(audience)?.layer.copy.may.get().comment ?? false;
  const capture = (from: number, to: number): Target | null => {
    try {
      return captureTarget(source.text, from, to);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      tellRefused(t('selection.too-long'));
      return null;
    }
  };
  const doneSelecting = () => {
    selection.dismiss();
    getSelection()?.removeAllRanges();
  };
  /** The passage that a key or button speaks of: the selection, else the paragraph whose button has the focus. */
  const passage = () => {
    const paragraph = (document.activeElement as HTMLElement | null)?.dataset['paragraph'];
    const block = paragraph === undefined ? undefined : text.blocks[Number(paragraph)]?.block;
    if (selected) return selected;
    return block && block.length > 0 ? { from: block.from, to: block.from + block.length } : null;
  };
  const compose = (audience: NewNote['audience'], color: Color) => {
    const range = passage();
    const target = range && mayPost(audience) ? capture(range.from, range.to) : null;
    if (!target) return;
    const focused = document.activeElement;
    opener.current = focused instanceof HTMLElement && focused !== document.body ? focused : null;
    const motivation = color === 'sky' ? 'questioning' : 'commenting';
    const id = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    if (composing?.body.trim() === '') drafts.drop(composing.id);
    drafts.put({ id, audience, motivation, color, target, body: '' });
    acts.compose(id);
    doneSelecting();
  };
  const highlight = (color: Color) => {
    const range = passage();
    const target = range && mayPost('shared') ? capture(range.from, range.to) : null;
    if (!target) return;
    const id = shared?.layer.annotate({ target, motivation: 'highlighting', color }) ?? null;
    if (id === null) tellRefused(t('post.refused'));
    doneSelecting();
  };
  const attaching = all.find(({ key }) => key === state.attaching);
  const attach = () => {
    const target = attaching && selected ? capture(selected.from, selected.to) : null;
    if (!target || !attaching) return;
    if (!attaching.layer.layer.move(attaching.id, target)) tellRefused(t('post.refused'));
    acts.attach(null);
    doneSelecting();
    open(attaching);
  };
  const copySelection = async () => {
    const range = passage();
    if (!range) return;
    if (await copyText(text.plain.slice(range.from, range.to))) tell(t('copied'));
    else tellRefused(t('copy.refused'));
  };
  const copyLink = async (place: Place) => {
    const link = `${location.origin}/documents/${info.id}?thread=${place.id}`;
    if (await copyText(link)) tell(t('link.copied'));
    else tellRefused(t('copy.refused'));
  };
  const post = (note: NewNote): boolean => {
    const layer = layerOf(note.audience);
    const { target, motivation, color } = note;
    const id = layer?.layer.annotate({ target, motivation, color, body: note.body.trim() }) ?? null;
    if (!layer || id === null) return false;
    acts.compose(null);
    const key = placeKey(layer.id, id);
    requestAnimationFrame(() => {
      const place = places.find(key);
      if (place) acts.open(place);
    });
    return true;
  };
  const reader: Reader = {
    group: info.group.name,
    drafts,
    now: () => session.now(),
    open: (place) => (place ? open(place) : leave()),
    leave,
    copyLink: (place) => void copyLink(place),
    attach: (place) => {
      acts.attach(place.key);
      if (width !== 'wide') acts.close();
      tell(t('attach.how'));
    },
    words: (place) => text.plain.slice(Math.max(0, place.from), Math.max(0, place.to)),
    writing: setWriting,
    post,
    mayPost,
  };
  const selectionActions: SelectionActions = {
    highlight,
    comment: () => compose('shared', 'amber'),
    question: () => compose('shared', 'sky'),
    note: () => compose('private', 'sand'),
    copy: () => void copySelection(),
    dismiss: () => {
      acts.attach(null);
      doneSelecting();
    },
    attach: attaching ? attach : undefined,
  };

  /** The next or previous card from the open one, or from what is in view. */
  const move = (by: 1 | -1) => {
    const list = cards.filter((place) => hasCard(place) || place.key === activeKey);
    const at = list.findIndex(({ key }) => key === activeKey);
    const top = text.blocks[stage.inView.get()[0]]?.block.from ?? 0;
    const near = list.findIndex(({ from }) => from >= top);
    const next = at >= 0 ? at + by : by > 0 ? near : near - 1;
    const place = list[Math.max(0, Math.min(list.length - 1, next))];
    if (place) open(place, [place], true);
  };
  const steps: Steps | null = useMemo(() => {
    const stack = opened?.stack ?? [];
    const at = active ? stack.indexOf(active.key) : -1;
    if (at < 0 || stack.length < 2) return null;
    return {
      at,
      of: stack.length,
      step: (by) => {
        const next = all.find(({ key }) => key === stack[(at + by + stack.length) % stack.length]);
        if (next)
          acts.open(
            next,
            stack.flatMap((key) => all.find((place) => place.key === key) ?? []),
          );
      },
    };
  }, [opened?.stack, active, all, acts]);

  const blockActions: BlockActions = useMemo(
    () => ({ open: (place) => open(place, [place], true), filter: acts.filter }),
    [open, acts],
  );
  const press = (met: readonly Place[]) => {
    const [smallest] = met;
    if (smallest) open(smallest, met);
    else if (active) acts.close();
  };

  useKeys({
    on: useStore(keysOn),
    comment: selectionActions.comment,
    question: selectionActions.question,
    note: selectionActions.note,
    highlight: (number) => {
      const color = colors[number - 1];
      if (color) highlight(color);
    },
    move,
    step: (by) => steps?.step(by),
    active,
    copyLink: () => active && void copyLink(active),
    toCard: () => {
      if (active)
        open(
          active,
          opened?.stack.flatMap((key) => all.find((place) => place.key === key) ?? []),
          true,
        );
    },
    keys: () => setKeysShown(true),
    escape: () => {
      if (state.attaching) acts.attach(null);
      else if (selected) selection.dismiss();
      else if (state.composing) acts.compose(null);
      else if (active) leave();
      else if (state.block !== null) acts.filter(state.block);
    },
  });

  const atFoot = width === 'phone' || coarse;
  const toolbarShown = selected !== null && (sharedMay.comment || mine !== undefined);
  const toolbar =
    toolbarShown && !keysShown ? (
      <Toolbar
        selection={selected}
        stage={stage}
        actions={selectionActions}
        shared={sharedMay.comment}
        atFoot={atFoot}
      />
    ) : null;
  const lastBlock = selected ? blockOf(text.blocks, selected.to - 1) : 0;
  const sheetShown = width !== 'wide' && (composing ?? active) !== null && !(atFoot && selected);

  return (
    <ReaderProvider value={reader}>
      <a className="skip" href="#text">
        {t('skip.text')}
      </a>
      <ReadingBar
        reading={reading}
        narrow={width === 'phone'}
        resolved={resolved.length}
        showResolved={state.showResolved}
        onShowResolved={acts.showResolved}
        lost={lost}
        onOpen={(place) => open(place, [place], true)}
        onKeys={() => setKeysShown(true)}
      />
      <main className="page" data-width={width}>
        <TextView
          stage={stage}
          state={text}
          lang={info.language}
          header={<DocumentHeader document={info} text={text} />}
          byBlock={byBlock}
          active={active}
          picked={picked && picked.from >= 0 ? picked : null}
          people={people}
          filter={state.block}
          toolbar={!atFoot && toolbar ? { block: lastBlock, view: toolbar } : null}
          actions={blockActions}
          onPress={press}
        />
        <Margin
          layout={layout}
          places={cards}
          notes={placedNotes}
          active={active?.key ?? null}
          composing={state.composing}
          steps={steps}
          writing={writers}
          folded={width !== 'wide'}
          empty={width === 'wide' && all.length === 0 && sharedMay.comment && <Empty />}
          onCompose={acts.compose}
          onDone={leave}
        />
      </main>
      {sheetShown && composing && (
        <Sheet label={t('compose.title')} head={<Kind color={composing.color} strong />} onClose={leave}>
          <Composer note={composing} inSheet onFold={leave} onDone={leave} />
        </Sheet>
      )}
      {sheetShown && !composing && active && (
        <Sheet
          label={t('thread')}
          head={
            <>
              <Kind color={active.thread.annotation.color} strong />
              {steps && (
                <span className="small quiet num">
                  {t('overlap.here', { at: steps.at + 1, of: steps.of })}
                </span>
              )}
            </>
          }
          onMove={move}
          onClose={leave}
        >
          <div data-thread={active.id} role="comment">
            <ThreadCard
              place={active}
              active
              inSheet
              steps={steps}
              writing={writers.get(active.id) ?? nobody}
            />
          </div>
        </Sheet>
      )}
      {atFoot && toolbar}
      {width === 'wide' && (
        <Foot
          reading={reading}
          blocks={text.blocks.length}
          cards={cards}
          filtered={state.block}
          onUnfilter={() => state.block !== null && acts.filter(state.block)}
          resolved={resolved.length}
          showResolved={state.showResolved}
          onShowResolved={acts.showResolved}
          onKeys={() => setKeysShown(true)}
        />
      )}
      <MyPresence reading={reading} selected={selected} writing={writing} />
      <Arrivals reading={reading} />
      <Toast />
      {keysShown && <KeysDialog onClose={() => setKeysShown(false)} />}
    </ReaderProvider>
  );
}

function Empty() {
  const { t } = useTranslation();
  return <p className="empty">{t('margin.empty')}</p>;
}

/** Where a target's words are now; -1 where that is not known. */
function rangeOf(source: Reading['source'], target: Target): { from: number; to: number } {
  const [from = -1, to = -1] = source.resolve([decodePosition(target.start), decodePosition(target.end)]);
  return from < 0 || to <= from ? { from: -1, to: -1 } : { from, to };
}

function blockOf(
  blocks: Reading['source']['state'] extends { get(): { blocks: infer B } } ? B : never,
  offset: number,
): number {
  let found = 0;
  blocks.forEach(({ block }, index) => {
    if (block.from <= offset) found = index;
  });
  return found;
}
