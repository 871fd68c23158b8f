/** Opening and leaving threads: the passage comes into view, and the focus goes to the card and back again. */

import { useCallback, useEffect, useLayoutEffect, useRef } from 'react';
import type { useLayout } from '../elements/media.js';
import { cardId } from '../reading/notes-list.js';
import type { Place } from '../reading/places.js';
import type { Stage } from '../reading/stage.js';
import type { ReadingActs, ReadingState } from './reading-state.js';

/** From where a note is written or opened the focus comes back to there. */
export function useOpening(acts: ReadingActs) {
  const opener = useRef<HTMLElement | null>(null);
  const remember = useCallback(() => {
    const focused = document.activeElement;
    const outside = focused instanceof HTMLElement && !focused.closest('.card, .sheet');
    if (outside) opener.current = focused === document.body ? null : focused;
  }, []);
  const open = useCallback(
    (place: Place, stack: readonly Place[] = [place], focus = false) => {
      remember();
      acts.open(place, stack, focus);
    },
    [acts, remember],
  );
  const leave = useCallback(() => {
    acts.close();
    acts.compose(null);
    const back = opener.current;
    opener.current = null;
    if (back?.isConnected) back.focus({ preventScroll: true });
    else if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  }, [acts]);
  return { open, leave, remember };
}

interface Shown {
  state: ReadingState;
  active: Place | null;
  /** Of the note that is being written: where its passage begins. */
  composingFrom: number | null;
  stage: Stage;
  width: ReturnType<typeof useLayout>;
}

/** Brings what was opened into view, above the sheet where there is one, and gives its card the focus if asked to. */
export function useReveal({ state, active, composingFrom, stage, width }: Shown): void {
  const activeKey = active?.key;
  const activeFrom = active && active.from >= 0 ? active.from : null;
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
}
