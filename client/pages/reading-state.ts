/** What one reader has open on the page, and the acts that change it. Nothing here is shared or kept. */

import { useMemo, useReducer } from 'react';
import type { Place } from '../reading/places.js';

export interface Opened {
  readonly key: string;
  /** The places under the press that opened it, this one among them, the shortest first. */
  readonly stack: readonly string[];
}

export interface ReadingState {
  /** undefined: nothing was chosen yet, so the address decides. */
  readonly opened: Opened | null | undefined;
  /** Should the card take the focus? Counts, so that it is asked again. */
  readonly focus: number;
  /** The new note that is being written. */
  readonly composing: string | null;
  /** The lost note that looks for new words. */
  readonly attaching: string | null;
  readonly showResolved: boolean;
  /** Notes of this paragraph only. */
  readonly block: number | null;
}

type Act =
  | { do: 'open'; key: string; stack: readonly string[]; focus: boolean }
  | { do: 'close' }
  | { do: 'compose'; note: string | null }
  | { do: 'attach'; key: string | null }
  | { do: 'show-resolved'; on: boolean }
  | { do: 'filter'; block: number };

const first: ReadingState = {
  opened: undefined,
  focus: 0,
  composing: null,
  attaching: null,
  showResolved: false,
  block: null,
};

function reduce(state: ReadingState, act: Act): ReadingState {
  switch (act.do) {
    case 'open': {
      const opened = { key: act.key, stack: act.stack };
      return { ...state, opened, composing: null, focus: act.focus ? state.focus + 1 : state.focus };
    }
    case 'close':
      return { ...state, opened: null };
    case 'compose':
      return { ...state, composing: act.note, opened: act.note === null ? state.opened : null };
    case 'attach':
      return { ...state, attaching: act.key };
    case 'show-resolved':
      return { ...state, showResolved: act.on };
    case 'filter':
      return { ...state, block: state.block === act.block ? null : act.block };
  }
}

export interface ReadingActs {
  open: (place: Place, stack?: readonly Place[], focus?: boolean) => void;
  close: () => void;
  compose: (note: string | null) => void;
  attach: (key: string | null) => void;
  showResolved: (on: boolean) => void;
  filter: (block: number) => void;
}

export function useReadingState() {
  const [state, dispatch] = useReducer(reduce, first);
  const acts = useMemo(
    (): ReadingActs => ({
      open: (place, stack = [place], focus = false) =>
        dispatch({ do: 'open', key: place.key, stack: stack.map(({ key }) => key), focus }),
      close: () => dispatch({ do: 'close' }),
      compose: (note: string | null) => dispatch({ do: 'compose', note }),
      attach: (key: string | null) => dispatch({ do: 'attach', key }),
      showResolved: (on: boolean) => dispatch({ do: 'show-resolved', on }),
      filter: (block: number) => dispatch({ do: 'filter', block }),
    }),
    [],
  );
  return { state, acts };
}

/** Has it a card of its own? A highlight without words has none; nor has what is resolved, or emptied. */
export function hasCard({ thread }: Place): boolean {
  const { comments, removed, annotation, status } = thread;
  if (status.state === 'resolved') return false;
  if (comments.some((comment) => !comment.removed)) return true;
  return !removed && annotation.suggestion !== undefined;
}

export const isResolved = ({ thread }: Place): boolean =>
  thread.status.state === 'resolved' && thread.comments.some((comment) => !comment.removed);
