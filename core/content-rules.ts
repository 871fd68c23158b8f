/**
 * What a document's text may hold: the Quill Delta format, its attributes and embeds bounded, its links and pictures
 * of harmless schemes. Who may write it is a matter of rights alone.
 */

import type { Refusal } from './result.js';
import type { Content } from './update.js';

/** UTF-16 code units of an attribute's value, or of an address. */
const longest = 2_048;
const attributeName = /^[a-z-]{1,32}$/;
const isAddressed: ReadonlySet<string> = new Set(['link', 'image']);

/** http, https, mailto, or no scheme at all: a colon after the first `/`, `?` or `#` names none. */
const harmless = /^(?:https?:|mailto:|[^:/?#]*(?:[/?#]|$))/i;
/** Browsers drop these, and would see a scheme where we see none. */
const dropped = /^\s|\p{Cc}/u;

/** Whether this may stand as a link or as a picture's source. */
export const isHarmlessAddress = (address: unknown): boolean =>
  typeof address === 'string' &&
  address.length <= longest &&
  harmless.test(address) &&
  !dropped.test(address);

const no = (message: string): Refusal => ({ code: 'shape', message });

/** Whether the text may hold this; null: yes. */
export function checkContent(content: Content): Refusal | null {
  switch (content.kind) {
    case 'deleted':
      return null;
    case 'string':
      return content.text.includes('\0') ? no('the text holds U+0000') : null;
    case 'format':
      return checkAttribute(content.name, content.value);
    case 'embed':
      return checkEmbed(content.value);
    case 'value':
      return no('a text holds no plain values');
  }
}

function checkAttribute(name: string, value: unknown): Refusal | null {
  if (!attributeName.test(name)) return no('an attribute is named by 1 to 32 of a-z and -');
  if (isAddressed.has(name))
    return value === null || isHarmlessAddress(value) ? null : no(`the address of ${name}`);
  const isPlain =
    value === null ||
    typeof value === 'boolean' ||
    typeof value === 'number' ||
    (typeof value === 'string' && value.length <= longest);
  return isPlain ? null : no(`the value of the attribute ${name}`);
}

function checkEmbed(embed: unknown): Refusal | null {
  const [entry, ...rest] = typeof embed === 'object' && embed ? Object.entries(embed) : [];
  if (!entry || rest.length > 0 || Array.isArray(embed)) return no('an embed holds one thing');
  const [name, value] = entry as [string, unknown];
  if (name === 'divider' && value === true) return null;
  return name === 'image' && isHarmlessAddress(value) ? null : no('an embed is a picture or a divider');
}
