/**
 * The margin: a card for every open thread that has words, level with its passage. All are placed as numbers; those
 * near the window are drawn, and the others leave a stub, because the text names them.
 */

import { memo, useCallback, useLayoutEffect, useMemo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useStore } from '../elements/store.js';
import { Avatar } from '../people/person.js';
import { cardId, useNoteLabel } from '../reading/notes-list.js';
import type { Place } from '../reading/places.js';
import { Composer, FoldedNote } from './composer.js';
import type { NewNote } from './drafts.js';
import type { Item, Laid, MarginLayout } from './margin-layout.js';
import { useReader } from './reader.js';
import { ThreadCard, type Steps } from './thread-card.js';

/** A note that is being written, and where its passage is now. */
export interface PlacedNote {
  readonly note: NewNote;
  readonly from: number;
  readonly to: number;
}

interface MarginProps {
  layout: MarginLayout;
  places: readonly Place[];
  notes: readonly PlacedNote[];
  active: string | null;
  composing: string | null;
  steps: Steps | null;
  writing: ReadonlyMap<string, readonly string[]>;
  /** Marks at the edge instead of cards: the open one is in a sheet. */
  folded: boolean;
  empty: ReactNode;
  onCompose: (id: string | null) => void;
  onDone: (posted: boolean) => void;
}

/** Until it is placed a card is not seen, yet may take the focus. */
const unplaced = { top: 0, opacity: 0 };

const noteKey = (id: string): string => `note:${id}`;

/** From a card's top to the middle of its first line's box, by how it is drawn. */
const insetOf = { rest: 9, active: 14 };

export function Margin(props: MarginProps) {
  const { layout, places, notes, active, composing, steps, writing, folded, empty, onCompose, onDone } =
    props;
  const { t } = useTranslation();
  const { items, views } = useMemo(
    () => listItems(places, notes, active, composing),
    [places, notes, active, composing],
  );
  const pivot = composing ? noteKey(composing) : active;
  useLayoutEffect(() => layout.setItems(items, folded ? null : pivot), [layout, items, pivot, folded]);
  const laid = useStore(layout.laid);
  const at = useMemo(() => new Map(laid.items.map(({ key }, index) => [key, index])), [laid.items]);
  const drawn = listDrawn(items, laid, [active, composing && noteKey(composing)]);

  return (
    <aside className="margin" aria-label={t('margin')} style={{ minHeight: laid.height }}>
      {items.length === 0 && empty}
      {drawn.map((key) => {
        const view = views.get(key);
        if (!view) return null;
        const index = at.get(key);
        const top = index === undefined ? null : (laid.tops[index] ?? null);
        if ('note' in view) {
          if (folded) return null;
          const open = view.note.id === composing;
          return (
            <Frame
              key={key}
              id={key}
              layout={layout}
              top={top}
              className={open ? 'card card--open' : 'card card--unsent'}
              color={view.note.color}
            >
              {open ? (
                <Composer note={view.note} onFold={() => onCompose(null)} onDone={onDone} />
              ) : (
                <FoldedNote note={view.note} onOpen={() => onCompose(view.note.id)} />
              )}
            </Frame>
          );
        }
        const shown = key === active;
        const near = index !== undefined && index >= laid.cards[0] && index <= laid.cards[1];
        if (!near && !shown) return <Stub key={key} place={view} />;
        return (
          <PlacedCard
            key={key}
            place={view}
            layout={layout}
            top={top}
            active={shown && !folded}
            folded={folded}
            steps={shown ? steps : null}
            writing={writing.get(view.id) ?? nobody}
          />
        );
      })}
    </aside>
  );
}

const nobody: readonly string[] = [];
const firstDrawn = 30;

type View = Place | PlacedNote;

function listItems(
  places: readonly Place[],
  notes: readonly PlacedNote[],
  active: string | null,
  composing: string | null,
): { items: readonly Item[]; views: ReadonlyMap<string, View> } {
  const views = new Map<string, View>();
  const items: Item[] = [];
  for (const place of places) {
    views.set(place.key, place);
    const stands = place.state === 'whole' ? 'whole' : place.from < 0 ? 'tail' : 'passage';
    const inset = place.key === active || place.state === 'lost' ? insetOf.active : insetOf.rest;
    items.push({ key: place.key, from: place.from, stands, inset });
  }
  for (const placed of notes) {
    const key = noteKey(placed.note.id);
    views.set(key, placed);
    const item: Item = {
      key,
      from: placed.from,
      stands: placed.from < 0 ? 'tail' : 'passage',
      inset: placed.note.id === composing ? insetOf.active : insetOf.rest,
    };
    const before = items.findIndex(
      ({ from, stands }) => stands === 'tail' || (stands === 'passage' && from > placed.from),
    );
    items.splice(before < 0 ? items.length : before, 0, item);
  }
  return { items, views };
}

/** What is near the window, by its card or by its passage, and what is open; in the order of the text. */
function listDrawn(items: readonly Item[], laid: Laid, open: readonly (string | null)[]): string[] {
  // Not laid out yet: the first window's worth.
  if (laid.items.length === 0) return items.slice(0, firstDrawn).map(({ key }) => key);
  const near = (index: number) =>
    [laid.cards, laid.passages].some(([first, last]) => index >= first && index <= last);
  const keys = new Set(laid.items.filter((_, index) => near(index)).map(({ key }) => key));
  for (const key of open) if (key) keys.add(key);
  return items.filter(({ key }) => keys.has(key)).map(({ key }) => key);
}

interface FrameProps {
  id: string;
  layout: MarginLayout;
  top: number | null;
  className: string;
  color: string;
  children: ReactNode;
}

function Frame({ id, layout, top, className, color, children }: FrameProps) {
  const observe = useCallback((element: HTMLElement | null) => layout.observe(element), [layout]);
  return (
    <div
      ref={observe}
      className={className}
      data-card={id}
      data-color={color}
      style={top === null ? unplaced : { top }}
    >
      {children}
    </div>
  );
}

interface PlacedCardProps {
  place: Place;
  layout: MarginLayout;
  top: number | null;
  active: boolean;
  folded: boolean;
  steps: Steps | null;
  writing: readonly string[];
}

const PlacedCard = memo(function PlacedCard(props: PlacedCardProps) {
  const { place, layout, top, active, folded, steps, writing } = props;
  const reader = useReader();
  const observe = useCallback((element: HTMLElement | null) => layout.observe(element), [layout]);
  const label = useNoteLabel(place);
  const classes = [
    'card',
    active && 'is-active',
    folded && 'card--mark',
    place.state === 'lost' && !folded && 'card--lost',
    place.state === 'changed' && !active && !folded && 'card--open',
  ];
  return (
    <article
      ref={observe}
      id={cardId(place.key)}
      className={classes.filter(Boolean).join(' ')}
      role="comment"
      aria-label={label}
      tabIndex={folded ? undefined : 0}
      data-card={place.key}
      data-thread={place.id}
      data-color={place.thread.annotation.color}
      style={top === null ? unplaced : { top }}
      onPointerEnter={() => layout.hold(place.key)}
      onPointerLeave={() => layout.hold(null)}
      onClick={(event) => {
        if (active || (event.target instanceof Element && event.target.closest('a, button, summary'))) return;
        if (getSelection()?.isCollapsed === false) return;
        reader.open(place);
      }}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget || event.key !== 'Enter') return;
        event.preventDefault();
        reader.open(place);
      }}
    >
      {folded ? (
        <button type="button" aria-label={label} onClick={() => reader.open(place)}>
          <Avatar id={place.thread.annotation.author} small />
        </button>
      ) : (
        <ThreadCard place={place} active={active} steps={steps} writing={writing} />
      )}
    </article>
  );
});

const Stub = memo(function Stub({ place }: { place: Place }) {
  const label = useNoteLabel(place);
  return (
    <article id={cardId(place.key)} className="vh" role="comment" aria-label={label} data-thread={place.id} />
  );
});
