/** One short message at the foot, with what can be done about it. It goes after 8 s, later while it is looked at. */

import { useEffect, useState } from 'react';
import { useStore } from './store.js';
import { Value } from '../session/value.js';

interface Message {
  words: string;
  action?: { label: string; act: () => void };
  refused?: boolean;
}

const message = new Value<Message | null>(null);

export const tell = (words: string, action?: Message['action']): void =>
  message.set(action ? { words, action } : { words });
export const tellRefused = (words: string): void => message.set({ words, refused: true });

const shownFor = 8000;

export function Toast() {
  const shown = useStore(message);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (!shown || held) return;
    const timer = setTimeout(() => message.set(null), shownFor);
    return () => clearTimeout(timer);
  }, [shown, held]);
  const hold = {
    onPointerEnter: () => setHeld(true),
    onPointerLeave: () => setHeld(false),
    onFocus: () => setHeld(true),
    onBlur: () => setHeld(false),
  };
  return (
    <div className="toasts" role={shown?.refused ? 'alert' : 'status'} {...hold}>
      {shown && (
        <div className={shown.refused ? 'toast toast--no' : 'toast'}>
          <span>{shown.words}</span>
          {shown.action && (
            <button
              type="button"
              onClick={() => {
                shown.action?.act();
                message.set(null);
              }}
            >
              {shown.action.label}
            </button>
          )}
        </div>
      )}
    </div>
  );
}
