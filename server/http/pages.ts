/** The built page: its files, and its one HTML for every address that a reader may open. */

import { join } from 'node:path';
import compression from 'compression';
import express, { type RequestHandler, type Router } from 'express';
import { getDocument } from './documents.js';
import { identityOf } from './identity.js';
import { answer, notSignedIn } from './reply.js';
import type { HttpServices } from './services.js';

const paths = ['/', '/review', '/join/:code', '/link/:code'];

export function pages(router: Router, services: HttpServices, identify: RequestHandler): void {
  const { clientDir } = services;

  const page: RequestHandler = (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile('index.html', { root: clientDir, cacheControl: false }, (error?: Error) => {
      if (error && !response.headersSent) next();
    });
  };

  router.use(compression());
  // The build names these by their contents.
  router.use(
    '/assets',
    express.static(join(clientDir, 'assets'), { immutable: true, maxAge: '1y', index: false }),
  );
  router.use(
    express.static(clientDir, {
      index: false,
      setHeaders: (response) => response.setHeader('Cache-Control', 'no-cache'),
    }),
  );
  router.get(paths, page);

  // A document's IRI: the reading page for a browser, JSON or the text for whoever asks for that.
  router.get(
    '/documents/:id',
    (request, response, next) => {
      response.vary('Accept');
      const type = request.accepts(['text/html', 'application/json', 'text/plain']);
      if (type === 'text/html' || type === false) page(request, response, next);
      else next();
    },
    identify,
    answer((request, response) => {
      const identity = identityOf(request);
      response.setHeader('Cache-Control', 'no-store');
      return identity ? getDocument(request, identity, response, services) : notSignedIn();
    }),
  );
}
