/** What stands above a text: the group, the title, the author, the length. */

import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { langOf } from '../language/lang-of.js';
import type { TextState } from '../reading/text-source.js';
import type { DocumentDetail } from '../session/api.js';

interface DocumentHeaderProps {
  document: DocumentDetail;
  text: TextState;
}

export const DocumentHeader = memo(function DocumentHeader({ document, text }: DocumentHeaderProps) {
  const { t, i18n } = useTranslation();
  const { title, author, group, language } = document;
  const paragraphs = text.blocks.filter(({ block }) => block.kind !== 'divider' && block.length > 0).length;
  const cjk = /^(?:zh|ja|ko)\b/.test(language);
  const size = roughly(
    cjk ? text.plain.replace(/\s/g, '').length : text.plain.split(/\s+/).filter(Boolean).length,
  );
  const number = size.toLocaleString(i18n.language);
  const [first] = text.blocks;
  const opening = first?.block.runs.map((run) => (typeof run.text === 'string' ? run.text : '')).join('');
  // A text that begins with its own title needs no second one.
  const titled = first?.block.kind === 'heading' && opening?.trim() === title.trim();
  return (
    <header className="title">
      <p className="over" lang={langOf(group.name)}>
        {group.name}
      </p>
      <h1 className={titled ? 'vh' : undefined} dir="auto">
        {title}
      </h1>
      <p className="by" lang={i18n.language === 'zh' ? 'zh-Hans' : 'en'}>
        {author && <span lang={langOf(author)}>{author}</span>}
        <span>
          {t('paragraphs.count', { count: paragraphs })}
          {t('clause.comma')}
          {cjk
            ? t('length.about-characters', { count: size, number })
            : t('length.about-words', { count: size, number })}
        </span>
      </p>
    </header>
  );
});

/** To two figures. */
function roughly(count: number): number {
  if (count < 100) return count;
  const step = 10 ** (Math.floor(Math.log10(count)) - 1);
  return Math.round(count / step) * step;
}
