/** What of all notes is shown, and where: read from the places, the drafts and what the reader has open. */

import { useMemo } from 'react';
import type { Target } from '#core/entries.js';
import { decodePosition } from '#core/position.js';
import { useStore } from '../elements/store.js';
import type { PlacedNote } from '../margin/margin.js';
import type { Steps } from '../margin/thread-card.js';
import type { Place } from '../reading/places.js';
import { writingIn } from '../reading/presence.js';
import type { Reading } from './reading-loader.js';
import { hasCard, isResolved, type Opened, type ReadingActs, type ReadingState } from './reading-state.js';

/** @param thread the annotation that the address asks for, until another is opened. */
export function useNotes(reading: Reading, state: ReadingState, acts: ReadingActs, thread: string | null) {
  const { source, places, drafts, content } = reading;
  const text = useStore(source.state);
  const all = useStore(places.all);
  const notes = useStore(drafts.notes);
  const people = useStore(content.people);
  const byBlock = reading.lister.list(text.blocks, all);

  const asked = thread === null ? undefined : all.find(({ id }) => id === thread)?.key;
  const byAddress: Opened | null = asked === undefined ? null : { key: asked, stack: [asked] };
  const opened = state.opened === undefined ? byAddress : state.opened;
  const active = opened ? (all.find(({ key }) => key === opened.key) ?? null) : null;
  const activeKey = active?.key;

  const resolved = useMemo(() => all.filter(isResolved), [all]);
  const lost = useMemo(() => all.filter((place) => place.state === 'lost' && hasCard(place)), [all]);
  const cards = useMemo(() => {
    const inBlock = state.block === null ? null : new Set(byBlock[state.block]);
    return all.filter((place) => {
      if (place.key === activeKey) return true;
      if (inBlock && !inBlock.has(place)) return false;
      return hasCard(place) || (state.showResolved && isResolved(place));
    });
  }, [all, byBlock, activeKey, state.showResolved, state.block]);

  const composing = notes.find(({ id }) => id === state.composing) ?? null;
  const placedNotes = useMemo(
    () =>
      notes
        .filter(({ id, body }) => id === state.composing || body.trim() !== '')
        .map((note): PlacedNote => ({ note, ...rangeOf(source, note.target) })),
    // The text is what the passages are found in.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [notes, state.composing, source, text],
  );
  const placed = placedNotes.find(({ note }) => note === composing);
  const picked = useMemo(
    () => (placed && placed.from >= 0 ? { from: placed.from, to: placed.to } : null),
    [placed],
  );

  const writing = useMemo(() => {
    const found = new Map<string, string[]>();
    for (const person of people) {
      const where = writingIn(person);
      if (where) found.set(where, [...(found.get(where) ?? []), person.user.name]);
    }
    return found;
  }, [people]);

  const steps = useMemo(() => stepsOf(opened, active, all, acts), [opened, active, all, acts]);

  return {
    text,
    all,
    byBlock,
    people,
    active,
    resolved,
    lost,
    cards,
    composing,
    placedNotes,
    picked,
    writing,
    steps,
  };
}

function stepsOf(
  opened: Opened | null,
  active: Place | null,
  all: readonly Place[],
  acts: ReadingActs,
): Steps | null {
  const stack = (opened?.stack ?? []).flatMap((key) => all.find((place) => place.key === key) ?? []);
  const at = active ? stack.indexOf(active) : -1;
  if (at < 0 || stack.length < 2) return null;
  const step = (by: 1 | -1) => {
    const next = stack[(at + by + stack.length) % stack.length];
    if (next) acts.open(next, stack);
  };
  return { at, of: stack.length, step };
}

/** Where a target's words are now; -1 where that is not known. */
function rangeOf(source: Reading['source'], target: Target): { from: number; to: number } {
  const [from = -1, to = -1] = source.resolve([decodePosition(target.start), decodePosition(target.end)]);
  return from < 0 || to <= from ? { from: -1, to: -1 } : { from, to };
}
