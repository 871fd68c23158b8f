/**
 * The HTTP door: puts the resources behind what holds for all of them. A request is counted and logged, must be for
 * our host, must come from our pages where it changes something, and is then somebody's or nobody's.
 */

import express, { Router, type Express } from 'express';
import { accessLog } from './access-log.js';
import { budgeted } from './budgeted.js';
import { container } from './container.js';
import { documents } from './documents.js';
import { failure } from './failure.js';
import { groups } from './groups.js';
import { health } from './health.js';
import { identify } from './identity.js';
import { readJson } from './input.js';
import { join } from './join.js';
import { me } from './me.js';
import { pages } from './pages.js';
import { answer, notFound } from './reply.js';
import { rooms } from './rooms.js';
import { anyOriginWithToken, onlyOurHost, onlyOurPages, securityHeaders } from './security.js';
import type { HttpServices } from './services.js';
import { tokens } from './tokens.js';
import { limitTries } from './tries.js';

export type { HttpServices };

export function createHttp(services: HttpServices): Express {
  const { access, log, origins } = services;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  if (services.behindProxy) app.set('trust proxy', ['loopback', 'linklocal', 'uniquelocal']);

  app.use(accessLog(log, services.metrics), securityHeaders(origins));
  health(app, services);
  app.use(onlyOurHost(origins));
  app.use('/api', api(services));
  pages(app, services, identify(access));
  app.use(answer(notFound));
  app.use(failure(log));
  return app;
}

function api(services: HttpServices): Router {
  const { access, origins } = services;
  const router = Router();
  router.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  router.use(anyOriginWithToken, onlyOurPages(origins), ...readJson(), identify(access), budgeted(services));

  const tries = limitTries();
  join(router, services, tries);
  me(router, services, tries);
  tokens(router, services);
  groups(router, services);
  documents(router, services);
  rooms(router, services);
  container(router, services);
  router.use(answer(notFound));
  return router;
}
