/** Light or dark: the system's unless the reader chose. `theme.js` has set it before the first paint. */

import { Value } from '../session/value.js';

export type Theme = 'system' | 'light' | 'dark';

const key = 'marginalia.theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

const kept = (): Theme => {
  try {
    const theme = localStorage.getItem(key);
    return theme === 'light' || theme === 'dark' ? theme : 'system';
  } catch {
    return 'system'; // storage is switched off
  }
};

export const theme = new Value<Theme>(kept());

const show = () => {
  const chosen = theme.get();
  document.documentElement.dataset['theme'] =
    chosen === 'system' ? (dark.matches ? 'dark' : 'light') : chosen;
};

dark.addEventListener('change', show);
theme.subscribe(() => {
  show();
  try {
    localStorage.setItem(key, theme.get());
  } catch {
    // the choice holds for this visit
  }
});
