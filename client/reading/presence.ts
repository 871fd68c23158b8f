/** What others show of themselves, read with care, and what I show of myself. */

import type { PresenceState } from '#core/wire.js';
import { hueOf } from '../people/people.js';
import type { Present } from '#core/wire.js';
import type { Selected } from './painter.js';
import type { Selection } from './selection.js';

const isOffset = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;

export function selectedBy({ state }: Present): Selection | null {
  const selection = state['selection'] as Partial<Selection> | null | undefined;
  if (typeof selection !== 'object' || selection === null) return null;
  const { from, to } = selection;
  return isOffset(from) && isOffset(to) && from < to ? { from, to } : null;
}

/** The thread that somebody is writing in. */
export const writingIn = ({ state }: Present): string | null =>
  typeof state['writing'] === 'string' ? state['writing'] : null;

export const isAway = ({ state }: Present): boolean => state['away'] === true;

export const selections = (people: readonly Present[]): Selected[] =>
  people.flatMap((person) => {
    const selection = selectedBy(person);
    return selection ? [{ ...selection, hue: hueOf(person.user.id) }] : [];
  });

/** One entry a person, however many windows they have open; there if they are there in any of them. */
export function onePerPerson(people: readonly Present[]): { id: string; name: string; away: boolean }[] {
  const byId = new Map<string, { id: string; name: string; away: boolean }>();
  for (const present of people) {
    const { id, name } = present.user;
    const away = isAway(present) && (byId.get(id)?.away ?? true);
    byId.set(id, { id, name, away });
  }
  return [...byId.values()];
}

export const myPresence = (
  selection: Selection | null,
  writing: string | null,
  paragraph: number | null,
): PresenceState => ({ selection, writing, paragraph, away: document.hidden });
