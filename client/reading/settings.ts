/** How this reader wants the text set, and what others may see of them. Kept on this device. */

import { keptValue } from '../elements/store.js';

export interface TypeSettings {
  /** 0 to 4; 2 is the page's own size. */
  size: number;
  leading: 'tight' | 'normal' | 'loose';
  measure: 'narrow' | 'normal' | 'wide';
  face: 'serif' | 'sans';
}

export const defaultType: TypeSettings = { size: 2, leading: 'normal', measure: 'normal', face: 'serif' };
export const sizes = [0, 1, 2, 3, 4];

const isType = (value: unknown): value is TypeSettings => {
  if (typeof value !== 'object' || value === null) return false;
  const { size, leading, measure, face } = value as Partial<TypeSettings>;
  return (
    sizes.includes(size as number) &&
    ['tight', 'normal', 'loose'].includes(leading as string) &&
    ['narrow', 'normal', 'wide'].includes(measure as string) &&
    ['serif', 'sans'].includes(face as string)
  );
};

const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

export const typeSettings = keptValue('type', defaultType, isType);
/** May the group see that I am here and what I select? */
export const presenceShown = keptValue('presence', true, isBoolean);
/** Are single-letter keys on? */
export const keysOn = keptValue('keys', true, isBoolean);
