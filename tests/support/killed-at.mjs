/**
 * Loaded into a server before its own code (NODE_OPTIONS=--import): kills it as `kill -9` does at a named step of the
 * path of a comment. KILL_AT names the step; it is armed once the file KILL_ARMED is there, and counts down KILL_AFTER.
 *
 * - judging: a batch is about to be judged; the log has not been asked
 * - committing: the commit is on its way to the database
 * - committed: the database has committed, and the server has not heard of it
 * - acknowledging: the server has heard of it; nobody else has
 * - relaying: the first who is told has been told
 */

import { existsSync } from 'node:fs';
import net from 'node:net';
import { setImmediate } from 'node:timers';
import pg from 'pg';

const { KILL_AT: step, KILL_ARMED: sign = '' } = process.env;
let left = Number(process.env['KILL_AFTER'] ?? 1);

const die = () => process.kill(process.pid, 'SIGKILL');
const now = () => existsSync(sign) && --left <= 0;
const isCommit = (query) => typeof query === 'object' && /INSERT INTO room_log/i.test(query?.text ?? '');

let told = false;
const query = pg.Client.prototype.query;
pg.Client.prototype.query = function (config, values, callback) {
  // A query with a callback is the pool's own; the answer is what its callback is told.
  const text = typeof config === 'object' ? config : { text: config };
  if (!isCommit(text)) return query.call(this, config, values, callback);
  const dies = now();
  if (dies && step === 'judging') die();
  const hear = typeof values === 'function' ? values : callback;
  const answered = (error, result) => {
    if (dies && step === 'acknowledging') die();
    if (dies && step === 'relaying') told = true;
    hear?.(error, result);
  };
  if (dies && step === 'committed') this.connection.stream.on('data', () => die());
  const done = query.call(
    this,
    config,
    typeof values === 'function' ? answered : values,
    callback && answered,
  );
  // Written to the socket in this turn; what the server has done by then is up to it.
  if (dies && step === 'committing') setImmediate(die);
  return done;
};

const { write } = net.Socket.prototype;
net.Socket.prototype.write = function (...given) {
  const written = write.apply(this, given);
  // Small writes reach the system at once.
  if (told) die();
  return written;
};
