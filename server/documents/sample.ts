/** The texts that a server begins with when its host names none: one in English, one in Chinese. */

import { inTheMargin } from './sample/in-the-margin.js';
import { onTheMarginZh } from './sample/on-the-margin-zh.js';
import type { ImportedText } from './text-import.js';

export const sampleTexts: readonly ImportedText[] = [inTheMargin, onTheMarginZh].map(
  ({ text, ...about }) => ({
    ...about,
    delta: [{ insert: text }],
    length: text.length,
  }),
);
