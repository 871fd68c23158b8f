/** What somebody changes by HTTP counts in the same budget as what he writes by sockets; past it the answer is 429. */

import type { RequestHandler } from 'express';
import { identityOf } from './identity.js';
import { problem, send } from './reply.js';
import type { HttpServices } from './services.js';

const harmless = new Set(['GET', 'HEAD', 'OPTIONS']);

export const budgeted =
  ({ budgets }: Pick<HttpServices, 'budgets'>): RequestHandler =>
  (request, response, next) => {
    const person = identityOf(request)?.person.id;
    if (person === undefined || harmless.has(request.method)) return next();
    const bytes = Number(request.headers['content-length'] ?? 0);
    if (budgets.take(person, { bytes })) return next();
    const seconds = String(Math.max(1, budgets.retryAfter(person)));
    send(
      response,
      problem(
        429,
        'over-budget',
        'You have sent more than the server takes in a minute: try again later.',
        {},
        {
          'Retry-After': seconds,
        },
      ),
    );
  };
