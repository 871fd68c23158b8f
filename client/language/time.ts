/** Times in words, as short as they stay clear: today by the clock, this week by the day, else by the date. */

import type { Language } from './language.js';

const day = 24 * 60 * 60 * 1000;

type Form = 'clock' | 'day' | 'date' | 'year' | 'full';
const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const date: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };
const forms: Record<Form, Intl.DateTimeFormatOptions> = {
  clock,
  day: { weekday: 'short', ...clock },
  date,
  year: { ...date, year: 'numeric' },
  full: { dateStyle: 'full', timeStyle: 'short' },
};

/** Kept, because making one costs more than a hundred uses. */
const formats = new Map<string, Intl.DateTimeFormat>();

function say(time: number, form: Form, language: Language): string {
  const key = `${language} ${form}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', forms[form]);
    formats.set(key, format);
  }
  return format.format(time);
}

const startOfDay = (time: number): number => new Date(time).setHours(0, 0, 0, 0);

export function shortTime(time: number, now: number, language: Language): string {
  const today = startOfDay(now);
  if (time >= today && time < today + day) return say(time, 'clock', language);
  if (time >= startOfDay(today - 5 * day) && time < today) return say(time, 'day', language);
  const sameYear = new Date(time).getFullYear() === new Date(now).getFullYear();
  return say(time, sameYear ? 'date' : 'year', language);
}

export const fullTime = (time: number, language: Language): string => say(time, 'full', language);
