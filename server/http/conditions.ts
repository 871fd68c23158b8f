/** Conditional requests by entity tags (RFC 9110, section 13). */

import { createHash } from 'node:crypto';
import type { Request } from 'express';

/** A strong tag for these very bytes. */
export const tagOf = (body: string): string =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;

const tags = (header: string): string[] => header.match(/(?:W\/)?"[^"]*"/g) ?? [];

/** Does the asker have this already? */
export function notModified({ headers }: Request, tag: string): boolean {
  const header = headers['if-none-match'];
  if (header === undefined) return false;
  return header.trim() === '*' || tags(header).some((one) => one.replace(/^W\//, '') === tag);
}

/** Does the asker speak of what is here now? So it is too for one who does not say. */
export function ifMatch({ headers }: Request, tag: string): boolean {
  const header = headers['if-match'];
  if (header === undefined) return true;
  return header.trim() === '*' || tags(header).includes(tag);
}
