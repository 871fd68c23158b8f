/** One document of the library. */

import { useTranslation } from 'react-i18next';
import type { MouseEvent } from 'react';
import type { DocumentSummary } from '../session/api.js';

interface DocumentRowProps {
  document: DocumentSummary;
  onOpen: (event: MouseEvent<HTMLAnchorElement>) => void;
}

export function DocumentRow({ document, onOpen }: DocumentRowProps) {
  const { t, i18n } = useTranslation();
  const { id, title, author, language, length } = document;
  return (
    <article className="book">
      <div>
        <h2 lang={language}>
          <a href={`/documents/${id}`} onClick={onOpen}>
            {title}
          </a>
        </h2>
        <p className="facts-line">
          {author && <span lang={language}>{author}</span>}
          <span>
            {t('length.characters', { count: length, number: length.toLocaleString(i18n.language) })}
          </span>
        </p>
      </div>
      <div className="side">{languageName(language, i18n.language)}</div>
    </article>
  );
}

function languageName(tag: string, shownIn: string): string {
  try {
    return new Intl.DisplayNames([shownIn], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag; // not a language tag
  }
}
