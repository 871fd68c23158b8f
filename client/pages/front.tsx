/** The frame of the pages before a reading: the mark, the languages, and a page of few words. */

import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { BrandMark } from '../elements/brand.js';
import { languages, setLanguage, useLanguage } from '../language/language.js';
import '../styles/pages.css';
import { follow } from './router.js';

export function LanguageSwitch() {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <nav className="lang" aria-label={t('language')}>
      {languages.map(({ code, tag, name }) => (
        <button
          key={code}
          type="button"
          lang={tag}
          aria-current={code === language ? 'true' : undefined}
          onClick={() => void setLanguage(code)}
        >
          {name}
        </button>
      ))}
    </nav>
  );
}

export function Front({
  children,
  foot,
  single = false,
}: {
  children: ReactNode;
  foot?: ReactNode;
  single?: boolean;
}) {
  return (
    <div className="front">
      <header className="top">
        <a className="brand" href="/" onClick={follow}>
          <BrandMark />
          <span className="name">Marginalia</span>
        </a>
        <LanguageSwitch />
      </header>
      <main className={single ? 'single' : undefined}>{children}</main>
      <footer>{foot}</footer>
    </div>
  );
}

/** One heading, some words, and what can be done next. */
export function Plain({ title, words, children }: { title: string; words: string; children?: ReactNode }) {
  return (
    <Front single>
      <section>
        <h1>{title}</h1>
        <p className="lede">{words}</p>
        <div className="row">{children}</div>
      </section>
    </Front>
  );
}
