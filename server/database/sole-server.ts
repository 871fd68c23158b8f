/**
 * One server a database, unless all of them know of each other: rooms keep a live copy, and without a messenger a
 * second server's readers would not see the first one's work. Held as an advisory lock for as long as the server
 * runs, exclusive without REDIS_URL and shared with it; it ends with the process, however that ends.
 */

import pg from 'pg';
import { DatabaseError } from './database-error.js';
import type { Log } from './log.js';

const lock = 7_270_721;
/** How long the last server's connection may take to be noticed as gone, in milliseconds. */
const patience = 10_000;
const pause = 250;

export interface Claim {
  readonly databaseUrl: string;
  /** Other servers may hold it too: they and this one have REDIS_URL. */
  readonly shared: boolean;
  readonly log: Log;
  /** Another server took the database while the connection was lost. */
  readonly onFatal: (error: Error) => void;
}

/** Throws a DatabaseError when another server has it. Returns what gives it up. */
export async function claimDatabase(claim: Claim): Promise<() => Promise<void>> {
  let released = false;
  let client = await claimed(claim);
  const watch = (current: pg.Client): void => {
    current.once('end', () => {
      if (!released) void again();
    });
  };
  const again = async (): Promise<void> => {
    while (!released) {
      try {
        client = await claimed(claim);
        if (released) return await client.end();
        return watch(client);
      } catch (error) {
        if (error instanceof DatabaseError) return claim.onFatal(error);
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  };
  watch(client);
  return async () => {
    released = true;
    await client.end();
  };
}

async function claimed({ databaseUrl, shared }: Claim): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    keepAlive: true,
    application_name: 'marginalia',
  });
  // Without a listener a connection that is lost between two queries would end the process.
  client.on('error', () => undefined);
  await client.connect();
  const attempt = `SELECT pg_try_advisory_lock${shared ? '_shared' : ''}(${lock}) AS held`;
  for (const until = Date.now() + patience; ;) {
    const { rows } = await client.query<{ held: boolean }>(attempt);
    if (rows[0]?.held) return client;
    if (Date.now() > until) break;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  await client.end();
  throw new DatabaseError(
    shared
      ? 'This database is in use by a server without REDIS_URL: set it for all of them, or for none but one'
      : 'This database is in use by another server: to run several, set REDIS_URL for all of them',
  );
}
