/** What went wrong while answering: bad JSON is the asker's fault, a database that is away will come back, the rest is ours. */

import type { ErrorRequestHandler } from 'express';
import type { Logger } from 'pino';
import { badInput, problem, send, type Reply } from './reply.js';

/** Codes by which Prisma, `pg` and the system say that a database cannot be reached, or not now. */
const databaseAway: ReadonlySet<string> = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'P2037',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  '57P01',
  '57P02',
  '57P03',
]);

/** What `pg` says without a code when a connection ended, or none could be had. */
const connectionLost =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

const wordOf = (error: unknown, key: string): string => {
  const value: unknown =
    typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' ? value : '';
};

function isDatabaseAway(error: unknown): boolean {
  for (
    let cause = error;
    typeof cause === 'object' && cause !== null;
    cause = (cause as { cause?: unknown }).cause
  )
    if (databaseAway.has(wordOf(cause, 'code')) || connectionLost.test(wordOf(cause, 'message'))) return true;
  return false;
}

/** What Express and its body parser find wrong with a request; null for a failure of ours. */
function fault(error: unknown): Reply | null {
  switch (wordOf(error, 'type')) {
    case 'entity.parse.failed':
      return badInput([{ path: '', message: 'is not JSON' }]);
    case 'entity.too.large':
      return problem(413, 'too-large', 'That is more than one request may hold.');
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return problem(415, 'no-json', 'Send application/json in UTF-8.');
    case 'request.aborted':
    case 'request.size.invalid':
      return problem(400, 'bad-input', 'The request ended early.');
  }
  // The router's: an address that is not percent-encoded as it should be.
  return error instanceof URIError ? problem(400, 'bad-input', 'The address cannot be read.') : null;
}

export const failure =
  (log: Logger): ErrorRequestHandler =>
  (error, _request, response, next) => {
    if (response.headersSent) return next(error);
    const id: unknown = response.locals['requestId'];
    const reply = fault(error);
    if (reply) return send(response, reply);
    if (isDatabaseAway(error)) {
      log.warn({ id, err: error as unknown }, 'the database is away');
      return send(
        response,
        problem(503, 'database-away', 'The database is away: try again soon.', {}, { 'Retry-After': '5' }),
      );
    }
    log.error({ id, err: error as unknown }, 'a request failed');
    send(response, problem(500, 'failure', 'Something went wrong here.', { requestId: id }));
  };
