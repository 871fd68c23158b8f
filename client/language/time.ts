/** Times in words, as short as they stay clear: today by the clock, this week by the day, else by the date. */

import type { Language } from './language.js';

const day = 24 * 60 * 60 * 1000;
const locale = (language: Language) => (language === 'zh' ? 'zh-CN' : 'en-GB');

const startOfDay = (time: number): number => new Date(time).setHours(0, 0, 0, 0);

export function shortTime(time: number, now: number, language: Language): string {
  const today = startOfDay(now);
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale(language), options).format(time);
  if (time >= today && time < today + day) return format(clock);
  if (time >= startOfDay(today - 5 * day) && time < today) return format({ weekday: 'short', ...clock });
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return format({ day: 'numeric', month: 'short', ...(sameYear ? undefined : { year: 'numeric' }) });
}

export const fullTime = (time: number, language: Language): string =>
  new Intl.DateTimeFormat(locale(language), { dateStyle: 'full', timeStyle: 'short' }).format(time);
