/** What the reader sets for themselves: the interface, the type of the text, what others see, which notes are shown. */

import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Choice } from '../elements/choice.js';
import { useStore } from '../elements/store.js';
import { theme, type Theme } from '../elements/theme.js';
import { languages, setLanguage, useLanguage } from '../language/language.js';
import { keysOn, presenceShown, sizes, typeSettings } from '../reading/settings.js';

export function InterfacePanel() {
  const { t } = useTranslation();
  const language = useLanguage();
  const chosen = useStore(theme);
  return (
    <div className="panel">
      <Line label={t('theme')}>
        <Choice<Theme>
          label={t('theme')}
          value={chosen}
          onChange={(next) => theme.set(next)}
          options={[
            { value: 'system', label: t('theme.system') },
            { value: 'light', label: t('theme.light') },
            { value: 'dark', label: t('theme.dark') },
          ]}
        />
      </Line>
      <Line label={t('language')}>
        <Choice
          label={t('language')}
          value={language}
          onChange={(code) => void setLanguage(code)}
          options={languages.map(({ code, tag, name }) => ({ value: code, label: name, lang: tag }))}
        />
      </Line>
    </div>
  );
}

export function TypePanel() {
  const { t } = useTranslation();
  const type = useStore(typeSettings);
  const set = (part: Partial<typeof type>) => typeSettings.set({ ...type, ...part });
  return (
    <div className="panel">
      <Line label={t('type.size')}>
        <Choice
          label={t('type.size')}
          value={type.size}
          onChange={(size) => set({ size })}
          options={sizes.map((size) => ({
            value: size,
            label: t('type.step', { step: size + 1, of: sizes.length }),
            face: <span style={{ fontSize: 12 + size * 1.75 }}>{t('type.letter')}</span>,
          }))}
        />
      </Line>
      <Line label={t('type.leading')}>
        <Choice
          label={t('type.leading')}
          value={type.leading}
          onChange={(leading) => set({ leading })}
          options={(['tight', 'normal', 'loose'] as const).map((value) => ({
            value,
            label: t(`type.leading.${value}`),
          }))}
        />
      </Line>
      <Line label={t('type.measure')} className="line--measure">
        <Choice
          label={t('type.measure')}
          value={type.measure}
          onChange={(measure) => set({ measure })}
          options={(['narrow', 'normal', 'wide'] as const).map((value) => ({
            value,
            label: t(`type.measure.${value}`),
          }))}
        />
      </Line>
      <Line label={t('type.face')}>
        <Choice
          label={t('type.face')}
          value={type.face}
          onChange={(face) => set({ face })}
          options={(['serif', 'sans'] as const).map((value) => ({ value, label: t(`type.face.${value}`) }))}
        />
      </Line>
    </div>
  );
}

export function SharingPanel({ keyboard }: { keyboard: boolean }) {
  const { t } = useTranslation();
  const shown = useStore(presenceShown);
  const keys = useStore(keysOn);
  return (
    <div className="panel">
      <Check label={t('presence.share')} checked={shown} onChange={(on) => presenceShown.set(on)} />
      {keyboard && <Check label={t('keys.on')} checked={keys} onChange={(on) => keysOn.set(on)} />}
    </div>
  );
}

interface LineProps {
  label: string;
  className?: string;
  children: ReactNode;
}

function Line({ label, className = '', children }: LineProps) {
  return (
    <div className={`line ${className}`}>
      <span className="small quiet" aria-hidden="true">
        {label}
      </span>
      {children}
    </div>
  );
}

interface CheckProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label className="check">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  );
}
