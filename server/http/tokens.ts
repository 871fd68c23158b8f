/** `/api/tokens`: bearer tokens for one's scripts. */

import type { Router } from 'express';
import * as z from 'zod';
import { signedIn } from './identity.js';
import { idParam, line, readBody } from './input.js';
import { empty, json, notFound, resource } from './reply.js';
import type { HttpServices } from './services.js';

const tokenBody = z.object({ name: line(100) });

export function tokens(router: Router, { access }: HttpServices): void {
  resource(router, '/tokens', {
    get: signedIn(async (_request, { person }) =>
      json(200, { items: await access.tokens.list(person.id), next: null }),
    ),
    post: signedIn(async (request, { person }) => {
      const body = readBody(request, tokenBody);
      if (!body.ok) return body.error;
      const created = await access.tokens.create(person.id, body.value.name);
      return json(201, created, { Location: `/api/tokens/${created.id}` });
    }),
  });

  resource(router, '/tokens/:id', {
    get: signedIn(async (request, { person }) => {
      const id = idParam(request, 'id');
      const token = id && (await access.tokens.get(person.id, id));
      return token ? json(200, token) : notFound();
    }),
    delete: signedIn(async (request, { person }) => {
      const id = idParam(request, 'id');
      return id && (await access.tokens.remove(person.id, id)) ? empty(204) : notFound();
    }),
  });
}
