/** What every card needs to know and may ask for, from the page that it stands on. */

import { createContext, useContext } from 'react';
import type { Place } from '../reading/places.js';
import type { NewNote, Drafts } from './drafts.js';

export interface Reader {
  readonly group: string;
  readonly drafts: Drafts;
  /** The server's time. */
  now: () => number;
  /** Opens a thread; null closes. */
  open: (place: Place | null) => void;
  /** Gives the focus back to where a thread was opened from. */
  leave: () => void;
  copyLink: (place: Place) => void;
  /** Starts to look for new words for a note. */
  attach: (place: Place) => void;
  /** The passage's words as they stand. */
  words: (place: Place) => string;
  /** Tells the others which thread is written in. */
  writing: (annotation: string | null) => void;
  post: (note: NewNote) => boolean;
  /** May anything be written for this audience now? */
  mayPost: (audience: NewNote['audience']) => boolean;
}

const ReaderContext = createContext<Reader | null>(null);
export const ReaderProvider = ReaderContext.Provider;

export function useReader(): Reader {
  const reader = useContext(ReaderContext);
  if (!reader) throw new Error('no reader here');
  return reader;
}
