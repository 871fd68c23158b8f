/**
 * How often an address may try a code that opens nothing: 20 times a minute. Who has the right one is never counted,
 * so that a whole class may join from behind one address at once.
 */

import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import type { Request, Response } from 'express';
import { problem, type Handler, type Reply } from './reply.js';

const triesAMinute = 20;
const minute = 60_000;

/** One count for all the handlers that it is put around. Such a handler returns null when the code opened nothing. */
export type LimitTries = (
  handler: (request: Request, response: Response) => Promise<Reply | null>,
) => Handler;

export function limitTries(): LimitTries {
  const key = (request: Request): string => ipKeyGenerator(request.ip ?? '');
  const count = rateLimit({
    windowMs: minute,
    limit: triesAMinute,
    keyGenerator: key,
    standardHeaders: false,
    legacyHeaders: false,
    // It would write to the console about headers that a proxy, or a joker, sends.
    validate: false,
    // Only counts: whether the limit is reached is asked before the handler runs.
    handler: (_request, _response, next) => next(),
  });
  const countOne = (request: Request, response: Response): Promise<void> =>
    new Promise((resolve, reject) => {
      const counted = (error?: unknown): void =>
        error === undefined ? resolve() : reject(new Error('the tries were not counted', { cause: error }));
      void Promise.resolve(count(request, response, counted)).catch(reject);
    });

  return (handler) => async (request, response) => {
    const tried = await count.getKey(key(request));
    if (tried && tried.totalHits >= triesAMinute) {
      const wait = Math.max(1, Math.ceil(((tried.resetTime?.getTime() ?? 0) - Date.now()) / 1000));
      return problem(
        429,
        'too-many-tries',
        'Too many tries: wait a minute.',
        {},
        { 'Retry-After': String(wait) },
      );
    }
    const reply = await handler(request, response);
    if (reply) return reply;
    await countOne(request, response);
    return problem(404, 'not-found', 'This link opens nothing. Ask for a new one.');
  };
}
