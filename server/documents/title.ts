/** What to call a text that does not say it: by its first line, its file's name, or its first words. */

/** Columns: a Chinese, Japanese or Korean character takes two. */
const longestTitleLine = 80;
const longestExcerpt = 60;

const isWide = (character: string): boolean =>
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef]/u.test(
    character,
  );
const columns = (text: string): number =>
  [...text].reduce((sum, character) => sum + (isWide(character) ? 2 : 1), 0);

/** A short first line before longer text, which does not end as a sentence does. */
export function isTitleLine(lines: readonly string[]): boolean {
  const [first = '', ...rest] = lines;
  return (
    columns(first) <= longestTitleLine &&
    !/[.,;:。\uff0c\uff1b\uff1a、…]$/u.test(first) &&
    rest.some((line) => columns(line) > 2 * columns(first))
  );
}

/** Names under which people keep a text without saying what it is. */
const sayNothing =
  /^(essay|text|txt|document|doc|article|paper|untitled|input|sample|example|test|file|draft|content|new|copy|无标题|文章|文本|论文|未命名)[\s\d()]*$/iu;
const languageEnding = /\.(?:[a-z]{2,3})(?:-[a-z0-9]{2,8})*$/i;

/** `on-walking.en.txt` is "On walking"; null where the name says nothing. */
function titleOfFile(fileName: string): string | null {
  const name = fileName
    .replace(/\.[^.]*$/, '')
    .replace(languageEnding, '')
    .replace(/[-_+\s]+/g, ' ')
    .trim();
  if (name === '' || sayNothing.test(name) || !/\p{L}{2}/u.test(name)) return null;
  return name === name.toLowerCase() ? name.charAt(0).toUpperCase() + name.slice(1) : name;
}

/**
 * The text's own title line is best. Without one a name that somebody gave the file says more than the first words;
 * but `essay.zh.txt` tells a reader nothing, so then the words do: as many clauses as fit, else as many words.
 */
export function chooseTitle(lines: readonly string[], fileName: string): string {
  const [first = ''] = lines;
  return isTitleLine(lines) ? first.trim() : (titleOfFile(fileName) ?? excerpt(first));
}

function excerpt(line: string): string {
  const text = line.trim();
  if (columns(text) <= longestExcerpt) return text;
  const characters = [...text];
  let width = 0;
  let end = 0;
  for (const character of characters) {
    width += isWide(character) ? 2 : 1;
    if (width >= longestExcerpt) break;
    end++;
  }
  const cut = characters.slice(0, end).join('');
  // The end of a clause, if one lies in the second half; else the end of a word.
  const clause = /^.*[\p{L}\p{N}](?=[,.;:!?。\uff0c\uff1b\uff1a\uff01\uff1f、])/su.exec(cut)?.[0] ?? '';
  if (columns(clause) >= 16) return `${clause}…`;
  const word = isWide(cut.at(-1) ?? '') ? cut : cut.replace(/\s+\S*$/u, '');
  return `${word}…`;
}
