/** Words as they may be stored: pasted text can hold what no text holds, and the server refuses. */

/** Without U+0000, which PostgreSQL cannot keep, and without halves of characters. */
export const cleanWords = (words: string): string =>
  words.replaceAll('\u0000', '').replace(/\p{Surrogate}/gu, '');
