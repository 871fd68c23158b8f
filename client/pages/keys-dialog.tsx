/** Which keys do what. */

import { useTranslation } from 'react-i18next';
import { Dialog } from '../elements/dialog.js';

const moving = [
  ['key.threads', 'J', 'K'],
  ['key.overlap', '[', ']'],
  ['key.card', 'G'],
  ['key.back', 'Esc'],
] as const;
const writing = [
  ['comment', 'A'],
  ['question', 'Q'],
  ['private-note', 'P'],
  ['key.highlight', '1', '6'],
  ['reply', 'C'],
  ['post', 'Ctrl ↵'],
] as const;
const reviewing = [
  ['key.resolve', 'R'],
  ['copy-link', 'L'],
  ['key.keys', '?'],
] as const;

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const rows = (list: readonly (readonly [Parameters<typeof t>[0] & string, ...string[]])[]) =>
    list.map(([label, ...keys]) => (
      <div key={label}>
        <dt>{t(label as 'comment')}</dt>
        <dd>
          {keys.map((key, index) => (
            <span key={key}>
              {index > 0 && (label === 'key.highlight' ? '–' : ' ')}
              <kbd>{key}</kbd>
            </span>
          ))}
        </dd>
      </div>
    ));
  return (
    <Dialog title={t('keys')} wide onClose={onClose}>
      <dl className="keys">
        <h3>{t('keys.moving')}</h3>
        {rows(moving)}
        <h3>{t('keys.writing')}</h3>
        {rows(writing)}
        <h3>{t('keys.reviewing')}</h3>
        {rows(reviewing)}
      </dl>
    </Dialog>
  );
}
