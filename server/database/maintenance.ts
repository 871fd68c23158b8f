/**
 * What PostgreSQL's background processes would do, which the embedded database does not have: vacuum, so that tables do
 * not swell, and checkpoints, so that the write-ahead log is used again instead of growing. Both hold up commits while
 * they run (about 0.1 s), so they wait for a pause in the work, and do one table at a time.
 * After removed words were taken out of the rows, the files are written anew: see `rewrite.ts`.
 */

import type pg from 'pg';
import type { Log } from './log.js';
import { rewrite, rewriteDue } from './rewrite.js';

export interface Pace {
  /** Milliseconds between looks. */
  readonly every: number;
  /** Milliseconds without a query that count as a pause. */
  readonly pause: number;
  /** Milliseconds after which tables are vacuumed without a pause, and a checkpoint is made in the next one. */
  readonly patience: number;
  /** Milliseconds without a query in which files may be written anew, which takes a second for 100 MB. */
  readonly longPause: number;
  /** Bytes of write-ahead log after which a checkpoint is made without a pause. */
  readonly walLimit: number;
}

const usual: Pace = {
  every: 15_000,
  pause: 300,
  longPause: 3_000,
  patience: 10 * 60_000,
  walLimit: 64 * 1024 * 1024,
};

/** Bytes of write-ahead log for which a checkpoint is not worth its while. */
const walCrumbs = 64 * 1024;

const walLength = `
  SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::float8 AS bytes FROM pg_control_checkpoint()`;

/** The table with the most rows that are dead or new since it was last looked after, by the measure of autovacuum. */
const needy = `
  SELECT quote_ident(relname) AS name FROM pg_stat_user_tables
  WHERE n_dead_tup > 50 + 0.2 * n_live_tup OR n_mod_since_analyze > 50 + 0.1 * n_live_tup
  ORDER BY n_dead_tup + n_mod_since_analyze DESC LIMIT 1`;

/** `stop` waits for what is under way. A failure is logged: the data is safe without, and the next look tries again. */
export function keepTidy(pool: pg.Pool, log: Log, pace: Pace = usual): { stop(): Promise<void> } {
  let looking = Promise.resolve();
  let stopped = false;
  let lastUsed = performance.now();
  let lastCheckpoint = lastUsed;
  let lastVacuum = lastUsed;
  let lastRewrite = -Infinity;
  const use = () => (lastUsed = performance.now());
  pool.on('acquire', use);
  const longerAgo = (time: number, milliseconds: number) => performance.now() - time >= milliseconds;

  const look = async () => {
    if (stopped) return;
    const pause = longerAgo(lastUsed, pace.pause);
    const longPause = longerAgo(lastUsed, pace.longPause);
    const client = await pool.connect();
    try {
      const bytes = (await client.query<{ bytes: number }>(walLength)).rows[0]?.bytes ?? 0;
      if (bytes > pace.walLimit || (bytes > walCrumbs && pause && longerAgo(lastCheckpoint, pace.patience))) {
        await client.query('CHECKPOINT');
        lastCheckpoint = performance.now();
      }
      const due = await rewriteDue(client);
      if (due && longerAgo(lastRewrite, pace.patience) && (longPause || (pause && due.age > pace.patience))) {
        await rewrite(client, due);
        lastRewrite = lastVacuum = lastCheckpoint = performance.now();
        return;
      }
      if (!pause && !longerAgo(lastVacuum, pace.patience)) return;
      const [table] = (await client.query<{ name: string }>(needy)).rows;
      if (!table) return;
      await client.query(`VACUUM (ANALYZE) ${table.name}`);
      lastVacuum = performance.now();
    } finally {
      client.release();
    }
  };
  const timer = setInterval(() => {
    looking = looking
      .then(look)
      .catch((error: unknown) => log.warn({ err: error }, 'Looking after the database failed'));
  }, pace.every);
  timer.unref();
  return {
    stop: () => {
      stopped = true;
      clearInterval(timer);
      pool.off('acquire', use);
      return looking;
    },
  };
}
