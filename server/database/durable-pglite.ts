/**
 * PGlite as a database that may be trusted: commits are on the disk before they are acknowledged, and a PostgreSQL that
 * panics is dead. PGlite itself swallows what its main loop throws and goes on with the next message; after a panic
 * nobody knows what a commit means then.
 */

import { PGlite } from '@electric-sql/pglite';
import { DurableFiles } from './durable-files.js';

export interface DurablePglite {
  readonly database: PGlite;
  /** How often the disk was asked to keep what was written. */
  readonly synced: () => number;
}

/** PostgreSQL's settings, in place of those of PGlite: as it ships, with buffers for a reading group. */
const settings = [
  'fsync=on',
  'wal_sync_method=fsync',
  'synchronous_commit=on',
  'full_page_writes=on',
  'shared_buffers=16MB',
];

/** What of PGlite is touched here; the names are checked when it is opened. */
interface Internals {
  readonly mod: { _PostgresMainLoopOnce: () => void };
  /** The status of the exception by which PostgreSQL comes back from an ordinary error. */
  readonly POSTGRES_MAIN_LONGJMP: number;
}

/**
 * Opens a folder that holds a database. Throws with PostgreSQL's own words when it cannot.
 *
 * @param onDeath told when PostgreSQL has panicked or was torn apart. Stop the thread at once: PGlite would answer.
 */
export async function openDurable(folder: string, onDeath: (error: Error) => void): Promise<DurablePglite> {
  const files = new DurableFiles(folder);
  // Among PGlite's own parameters is a switch that turns fsync off: of two that disagree the last one counts.
  const startParams = [...PGlite.defaultStartParams, ...settings.flatMap((setting) => ['-c', setting])];
  let lastWords: string | undefined;
  const onStderr = (line: string) => {
    if (/\b(?:PANIC|FATAL):/.test(line)) lastWords = line.slice(line.search(/PANIC:|FATAL:/));
    return false;
  };
  const explained = (cause: unknown) => new Error(lastWords ?? String(cause), { cause });
  const database = await PGlite.create({ fs: files, startParams, onStderr }).catch((error: unknown) => {
    throw explained(error);
  });

  const { mod: module, POSTGRES_MAIN_LONGJMP: ordinaryError } = database as unknown as Internals;
  const loop = module._PostgresMainLoopOnce;
  if (typeof loop !== 'function' || typeof ordinaryError !== 'number')
    throw new Error('This version of PGlite cannot be watched');
  module._PostgresMainLoopOnce = () => {
    try {
      loop();
    } catch (error) {
      if ((error as { status?: number }).status !== ordinaryError) onDeath(explained(error));
      throw error;
    }
  };
  return { database, synced: () => files.synced };
}
