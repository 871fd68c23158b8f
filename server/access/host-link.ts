/**
 * A sign-in link for the owner that is left in the data folder: the embedded database has one user, the running
 * server, so whoever has the host leaves the hash of a secret beside it, and the server takes it from there.
 */

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SignInLink } from './sign-in-link.js';
import { hashOf, newSecret } from './secrets.js';

const life = 10 * 60 * 1000;

const fileOf = (dataDir: string, code: string): string =>
  join(dataDir, 'sign-in', Buffer.from(hashOf(code)).toString('hex'));

/** Leaves a link that a server on this folder will take once, within 10 minutes. */
export async function leaveHostLink(dataDir: string, now = Date.now()): Promise<SignInLink> {
  const code = newSecret();
  const expires = new Date(now + life);
  const file = fileOf(dataDir, code);
  await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
  await writeFile(file, expires.toISOString(), { mode: 0o600 });
  return { code, expires };
}

/** Takes the link away; true where there was one that is still good. */
export async function takeHostLink(dataDir: string, code: string, now: number): Promise<boolean> {
  const file = fileOf(dataDir, code);
  try {
    const expires = Date.parse(await readFile(file, 'utf8'));
    await rm(file); // of two who take it at once, one fails here
    return expires > now;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
