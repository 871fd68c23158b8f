/** `/healthz`, `/readyz`, `/metrics`: for machines that watch the server, by whatever name they reach it. */

import type { RequestHandler, Router } from 'express';
import { json, problem, resource } from './reply.js';
import type { HttpServices } from './services.js';

/** Requests answered, by the first digit of their status. */
export class RequestCounts {
  readonly #counts = new Map<string, number>();

  readonly count: RequestHandler = (_request, response, next) => {
    response.on('finish', () => {
      const kind = `${Math.floor(response.statusCode / 100)}xx`;
      this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    });
    next();
  };

  lines(): string {
    return [...this.#counts]
      .map(([kind, n]) => `marginalia_http_requests_total{status="${kind}"} ${n}\n`)
      .join('');
  }
}

export function health(router: Router, { ready, metrics }: HttpServices, counts: RequestCounts): void {
  resource(router, '/healthz', { get: () => json(200, { status: 'ok' }, { 'Cache-Control': 'no-store' }) });
  resource(router, '/readyz', {
    get: async () =>
      (await ready())
        ? json(200, { status: 'ready' }, { 'Cache-Control': 'no-store' })
        : problem(503, 'database-away', 'The database does not answer.', {}, { 'Retry-After': '5' }),
  });
  resource(router, '/metrics', {
    get: () => ({
      status: 200,
      headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8', 'Cache-Control': 'no-store' },
      body:
        '# TYPE process_resident_memory_bytes gauge\n' +
        `process_resident_memory_bytes ${process.memoryUsage.rss()}\n` +
        '# TYPE process_uptime_seconds gauge\n' +
        `process_uptime_seconds ${Math.round(process.uptime())}\n` +
        '# TYPE marginalia_http_requests_total counter\n' +
        counts.lines() +
        (metrics?.() ?? ''),
    }),
  });
}
