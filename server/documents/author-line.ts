/** The line of a text that says who wrote it: it stays in the text, and is shown with the title. */

/** Code points of such a line. */
const longest = 120;

/** Each has the author, or what is printed of one, in its last group. */
const patterns: readonly RegExp[] = [
  /^by\s+(\p{Lu}.*)$/iu,
  /^(?:author|authors|written by)\s*:\s*(.+)$/iu,
  /^(?:作者|撰文|文|著者|筆者)\s*[:\uff1a/\uff0f|]\s*(.+)$/u,
  // Where the author works is all that some papers print of him: the label belongs to it.
  /^((?:作者单位|作者單位|作者简介|作者簡介|单位|單位)\s*[:\uff1a].+)$/u,
];

/** Looks at the first two lines and the last two; null where none of them names an author. */
export function findAuthor(lines: readonly string[]): string | null {
  for (const line of [...lines.slice(0, 2), ...lines.slice(-2).reverse()]) {
    const author = authorIn(line);
    if (author !== null) return author;
  }
  return null;
}

function authorIn(line: string): string | null {
  if ([...line].length > longest) return null;
  const bare = line
    .trim()
    .replace(/^[(\uff08〔[]\s*(.*?)\s*[)\uff09〕\]]$/u, '$1')
    .replace(/^[—–-]{1,2}\s*/u, '');
  for (const pattern of patterns) {
    const author = pattern.exec(bare)?.[1]?.trim();
    // "By Monday the water had risen." is a sentence.
    if (author && !/[.!?。\uff01\uff1f]$/u.test(author)) return author;
  }
  return null;
}
