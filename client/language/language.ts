/**
 * The interface's language: English or Chinese, by the reader's choice, else the browser's. It may differ from a
 * document's, so every part that is in another language says so with `lang`. Only the chosen words are loaded.
 */

import i18next from 'i18next';
import { useSyncExternalStore } from 'react';
import { initReactI18next } from 'react-i18next';
import type { en } from './en.js';

export type Language = 'en' | 'zh';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
    keySeparator: false;
    nsSeparator: false;
  }
}

export const languages: readonly { code: Language; tag: string; name: string }[] = [
  { code: 'en', tag: 'en', name: 'English' },
  { code: 'zh', tag: 'zh-Hans', name: '中文' },
];

const words: Record<Language, () => Promise<Record<string, string>>> = {
  en: async () => (await import('./en.js')).en,
  zh: async () => (await import('./zh.js')).zh,
};

/** `theme.js` has set it before the first paint. */
const firstLanguage = (): Language => (document.documentElement.lang.startsWith('zh') ? 'zh' : 'en');

export async function startLanguage(): Promise<void> {
  const language = firstLanguage();
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: await words[language]() } },
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false },
    returnNull: false,
  });
}

export async function setLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation')) {
    i18next.addResourceBundle(language, 'translation', await words[language]());
  }
  localStorage.setItem('marginalia.language', language);
  document.documentElement.lang = languages.find(({ code }) => code === language)?.tag ?? language;
  await i18next.changeLanguage(language);
}

const subscribe = (listener: () => void) => {
  i18next.on('languageChanged', listener);
  return () => i18next.off('languageChanged', listener);
};

export const useLanguage = (): Language =>
  useSyncExternalStore(subscribe, () => (i18next.language === 'zh' ? 'zh' : 'en'));
