/** Single-letter keys, off in text fields and while a dialog or menu is open. */

import { useEffect, useRef } from 'react';
import type { Place } from '../reading/places.js';

interface Keys {
  on: boolean;
  comment: () => void;
  question: () => void;
  note: () => void;
  highlight: (number: number) => void;
  move: (by: 1 | -1) => void;
  step: (by: 1 | -1) => void;
  active: Place | null;
  copyLink: () => unknown;
  toCard: () => unknown;
  keys: () => void;
  escape: () => void;
}

const inField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
        return;
      if (document.querySelector('dialog[open]')) return;
      if (event.key === 'Escape') return latest.current.escape();
      if (!latest.current.on || inField(event.target)) return;
      if (event.target instanceof Element && event.target.closest('[role="menu"]')) return;
      if (act(latest.current, event.key)) event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}

/** False where the key is not ours. */
function act(keys: Keys, key: string): boolean {
  if (/^[1-6]$/.test(key)) {
    keys.highlight(Number(key));
    return true;
  }
  switch (key.toLowerCase()) {
    case 'a':
      keys.comment();
      return true;
    case 'q':
      keys.question();
      return true;
    case 'p':
      keys.note();
      return true;
    case 'j':
      keys.move(1);
      return true;
    case 'k':
      keys.move(-1);
      return true;
    case '[':
      keys.step(-1);
      return true;
    case ']':
      keys.step(1);
      return true;
    case 'g':
      keys.toCard();
      return true;
    case 'l':
      keys.copyLink();
      return true;
    case 'c':
      return press(keys.active, '.reply textarea', 'focus');
    case 'r':
      return press(keys.active, '[aria-keyshortcuts="R"]', 'click');
    case '?':
      keys.keys();
      return true;
    default:
      return false;
  }
}

/** What the open card's own control would do. */
function press(active: Place | null, control: string, how: 'focus' | 'click'): boolean {
  if (!active) return false;
  const shown = [
    ...document.querySelectorAll<HTMLElement>(`[data-thread="${CSS.escape(active.id)}"] ${control}`),
  ];
  shown[0]?.[how]();
  return shown.length > 0;
}
