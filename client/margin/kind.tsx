/** A kind of note: a letter drawn as the mark is, and its name. */

import { useTranslation } from 'react-i18next';
import { colors, type Color } from '#core/entries.js';
import { Choice } from '../elements/choice.js';

export function KindMark({ color }: { color: Color }) {
  const { t } = useTranslation();
  return (
    <span className="hl" data-color={color} aria-hidden="true">
      {t(`letter.${color}`)}
    </span>
  );
}

export function Kind({ color, strong = false }: { color: Color; strong?: boolean }) {
  const { t } = useTranslation();
  const name = t(`color.${color}`);
  return (
    <span className="kind">
      <KindMark color={color} />
      {strong ? <b>{name}</b> : name}
    </span>
  );
}

export function KindChoice({ value, onChange }: { value: Color; onChange: (color: Color) => void }) {
  const { t } = useTranslation();
  return (
    <Choice
      label={t('kind')}
      className="kindchoice"
      value={value}
      onChange={onChange}
      options={colors.map((color) => ({
        value: color,
        label: t(`color.${color}`),
        face: <KindMark color={color} />,
      }))}
    />
  );
}
