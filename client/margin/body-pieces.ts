/** A comment's body cut into words, links and mentions. Anything else that Markdown knows is shown as it is written. */

export type Piece =
  | { kind: 'words'; words: string }
  | { kind: 'link'; url: string }
  | { kind: 'mention'; name: string; person: string };

const pattern =
  /\[@([^\]\n]{1,64})\]\(user:([0-9a-f-]{36})\)|https?:\/\/[^\s<>"'`，。；：！？、（）《》「」“”]+/g;

/** Marks that end a sentence rather than an address. */
const trailing = /[.,;:!?…]+$/;

export function bodyPieces(body: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const words = (end: number) => {
    if (end > at) pieces.push({ kind: 'words', words: body.slice(at, end) });
    at = end;
  };
  for (const match of body.matchAll(pattern)) {
    words(match.index);
    const [whole, name, person] = match;
    if (name !== undefined && person !== undefined) pieces.push({ kind: 'mention', name, person });
    else {
      const url = trimAddress(whole);
      pieces.push({ kind: 'link', url });
      at += url.length;
      continue;
    }
    at += whole.length;
  }
  words(body.length);
  return pieces;
}

/** Without the full stop after it, or a bracket that was opened before it. */
function trimAddress(found: string): string {
  let url = found.replace(trailing, '');
  while (/[)\]]$/.test(url)) {
    const [open, close] = url.endsWith(')') ? ['(', ')'] : ['[', ']'];
    if (url.split(open).length >= url.split(close).length) break;
    url = url.slice(0, -1).replace(trailing, '');
  }
  return url;
}
