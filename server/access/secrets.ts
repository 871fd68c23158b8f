/** Secrets that are handed out once: random enough that they need no slow hash, and kept only as their SHA-256. */

import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, in base64url. The prefix tells kinds of secrets apart, for people and for scanners of leaks. */
export const newSecret = (prefix = ''): string => prefix + randomBytes(32).toString('base64url');

/** An invitation's code: 128 random bits, in base64url. */
export const newCode = (): string => randomBytes(16).toString('base64url');

export const hashOf = (secret: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(createHash('sha256').update(secret).digest());
