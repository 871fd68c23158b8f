/** One line a request, counted, and under an id that the answer carries too. Secrets in addresses are not written down. */

import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { HttpServices } from './services.js';

/** The path without its query, and without the codes that let somebody in. */
const loggedPath = (url: string): string =>
  url.split('?', 1)[0]?.replace(/^((?:\/api)?\/(?:join|link)\/)[^/]+/, '$1…') ?? '';

export const accessLog =
  (log: Logger, metrics: HttpServices['metrics']): RequestHandler =>
  (request, response, next) => {
    const id = randomUUID();
    const started = performance.now();
    response.setHeader('X-Request-Id', id);
    response.locals['requestId'] = id;
    response.on('finish', () => {
      metrics.answered(response.statusCode);
      const ms = Math.round((performance.now() - started) * 10) / 10;
      const { method, originalUrl } = request;
      log.info({ id, method, path: loggedPath(originalUrl), status: response.statusCode, ms }, 'request');
    });
    next();
  };
