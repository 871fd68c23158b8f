/** `/healthz`, `/readyz`, `/metrics`: for machines that watch the server, by whatever name they reach it. */

import type { Router } from 'express';
import { json, problem, resource } from './reply.js';
import type { HttpServices } from './services.js';

export function health(router: Router, { ready, metrics }: HttpServices): void {
  resource(router, '/healthz', { get: () => json(200, { status: 'ok' }, { 'Cache-Control': 'no-store' }) });
  resource(router, '/readyz', {
    get: async () =>
      (await ready())
        ? json(200, { status: 'ready' }, { 'Cache-Control': 'no-store' })
        : problem(503, 'database-away', 'The database does not answer.', {}, { 'Retry-After': '5' }),
  });
  resource(router, '/metrics', {
    get: async () => ({
      status: 200,
      headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8', 'Cache-Control': 'no-store' },
      body: await metrics.text(),
    }),
  });
}
