/** What every answer says to browsers, and which requests are not answered at all. */

import type { RequestHandler } from 'express';
import helmet from 'helmet';
import type { Origins } from '../access/origin.js';
import { bearerOf } from './identity.js';
import { problem, send } from './reply.js';

export function securityHeaders({ base }: Pick<Origins, 'base'>): RequestHandler {
  const secure = base.startsWith('https:');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'https:', 'data:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", 'ws:', 'wss:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    // Without it a browser would send no origin with some of our own requests; others learn nothing from it.
    referrerPolicy: { policy: 'same-origin' },
    // Both mean something under https only, and browsers complain about them elsewhere.
    strictTransportSecurity: secure ? { maxAge: 31_536_000 } : false,
    crossOriginOpenerPolicy: secure,
    originAgentCluster: secure,
  });
}

/** A request for another host is told where to go. */
export const onlyOurHost =
  (origins: Origins): RequestHandler =>
  (request, response, next) => {
    if (origins.isOurHost(request.headers.host)) return next();
    const detail = `This server is at ${origins.base}.`;
    if (request.accepts(['html', 'json']) !== 'html')
      return send(response, problem(421, 'other-host', detail));
    const page =
      '<!doctype html><html lang="en"><meta charset="utf-8"><title>Another address</title>' +
      `<p>Marginalia is at <a href="${origins.base}/">${origins.base}</a>, not here.</p>` +
      '<p>If you run this server: set <code>PUBLIC_URL</code> to the address that people use, and let a proxy pass on the <code>Host</code> header.</p>';
    send(response, { status: 421, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: page });
  };

const safe: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What changes something must come from a page of ours, with a cookie or without; or carry a token. */
export const onlyOurPages =
  (origins: Origins): RequestHandler =>
  (request, response, next) => {
    if (safe.has(request.method) || bearerOf(request) !== undefined || origins.mayAct(request.headers))
      return next();
    send(response, problem(403, 'other-origin', 'Another page may not do this in your name.'));
  };

/** Pages elsewhere may use the API with a token, never with a cookie. */
export const anyOriginWithToken: RequestHandler = (request, response, next) => {
  response.setHeader('Access-Control-Allow-Origin', '*');
  response.setHeader(
    'Access-Control-Expose-Headers',
    'Accept-Post, Allow, Content-Location, ETag, Link, Location, Preference-Applied, Retry-After, X-Request-Id',
  );
  if (request.method === 'OPTIONS') {
    response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, PATCH, DELETE');
    response.setHeader(
      'Access-Control-Allow-Headers',
      'Accept, Authorization, Content-Type, If-Match, If-None-Match, Prefer, Slug',
    );
    response.setHeader('Access-Control-Max-Age', '600');
  }
  next();
};
