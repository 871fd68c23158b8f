/** The numbers and bullets of lists. */

import type { Block } from '#core/delta.js';

/** What stands before each block of a list: numbers run on over deeper items and begin anew after other text. */
export function listMarkers(blocks: readonly Block[]): string[] {
  let counts: number[] = [];
  return blocks.map(({ kind, level, list }) => {
    if (kind !== 'item') {
      counts = [];
      return '';
    }
    counts = counts.slice(0, level + 1);
    if (list === 'ordered') {
      counts[level] = (counts[level] ?? 0) + 1;
      return `${counts[level]}.`;
    }
    counts[level] = 0;
    return list === 'checked' ? '☑' : list === 'unchecked' ? '☐' : '•';
  });
}
