/** A PostgreSQL server by its URL: the pool, and what a host is told when the server cannot be used. */

import pg from 'pg';
import { DatabaseError } from './database-error.js';
import type { Log } from './log.js';

/** PostgreSQL's `server_version_num` of the oldest version that is supported upstream. */
const oldest = 140_000;

/** Throws a DatabaseError for what is no URL of a PostgreSQL server. */
export function connectTo(databaseUrl: string, connections: number): pg.Pool {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : null;
  if (!url || !['postgres:', 'postgresql:'].includes(url.protocol))
    throw new DatabaseError(
      'DATABASE_URL is not the address of a PostgreSQL server, such as postgresql://user:password@host:5432/name',
    );
  return new pg.Pool({
    connectionString: databaseUrl,
    max: connections,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    application_name: 'marginalia',
  });
}

interface Settings {
  readonly version: number;
  readonly version_name: string;
  readonly encoding: string;
  readonly fsync: string;
  readonly synchronous: string;
  readonly replica: boolean;
}

/** Throws a DatabaseError when the server cannot be reached or used; warns when it may lose what it says is stored. */
export async function checkServer(pool: pg.Pool, databaseUrl: string, log: Log): Promise<void> {
  let settings: Settings | undefined;
  try {
    const { rows } = await pool.query<Settings>(`
      SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS version_name,
        current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync,
        current_setting('synchronous_commit') AS synchronous, pg_is_in_recovery() AS replica`);
    settings = rows[0];
  } catch (error) {
    throw new DatabaseError(`PostgreSQL at ${address(databaseUrl)} cannot be used: ${reason(error)}`, {
      cause: error,
    });
  }
  if (!settings) throw new Error('SELECT gave no row');
  const refuse = (why: string) =>
    new DatabaseError(`PostgreSQL at ${address(databaseUrl)} cannot be used: ${why}`);
  if (settings.version < oldest)
    throw refuse(`it is version ${settings.version_name}, and 14 is the oldest that works`);
  if (settings.encoding !== 'UTF8') throw refuse(`its encoding is ${settings.encoding}, and must be UTF8`);
  if (settings.replica) throw refuse('it is a read-only replica');
  if (settings.fsync === 'off' || settings.synchronous === 'off')
    log.warn(
      { fsync: settings.fsync, synchronous_commit: settings.synchronous },
      'This PostgreSQL acknowledges commits before they are on its disk: after a crash it may lack what readers saw as stored',
    );
}

/** Host, port and name: never the password. */
function address(databaseUrl: string): string {
  const { host, pathname } = new URL(databaseUrl);
  return `${host || 'a local socket'}${pathname}`;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Where a name has several addresses, Node reports each attempt and says nothing itself.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reason).join('; ');
  return error.message;
}
