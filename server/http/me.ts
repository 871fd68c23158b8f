/** `/api/me`: who am I, a new name, a link for my other device; `/api/link/:code` and `/api/session`. */

import type { Router } from 'express';
import { toString as toQrCode } from 'qrcode';
import * as z from 'zod';
import { readName } from '../access/names.js';
import { identityOf, signedIn } from './identity.js';
import { codeParam, readBody } from './input.js';
import { badInput, empty, json, notSignedIn, problem, resource } from './reply.js';
import type { HttpServices } from './services.js';
import type { LimitTries } from './tries.js';

const nameBody = z.object({ name: z.string() });

export function me(router: Router, { access, origins }: HttpServices, tries: LimitTries): void {
  const { people, links, cookie } = access;

  resource(router, '/me', {
    get: signedIn(async (_request, { person }) =>
      json(200, { user: { id: person.id, name: person.name }, groups: await people.groupsOf(person.id) }),
    ),
    patch: signedIn(async (request, { person }) => {
      const body = readBody(request, nameBody);
      if (!body.ok) return body.error;
      const name = readName(body.value.name);
      if (!name.ok) return badInput([{ path: 'name', message: name.error }]);
      const renamed = await people.rename(person, name.value);
      if (!renamed.ok) {
        const { proposal } = renamed.error;
        return problem(409, 'name-taken', 'Somebody in your groups has this name, or one much like it.', {
          proposal,
        });
      }
      return json(200, { user: renamed.value, groups: await people.groupsOf(person.id) });
    }),
  });

  resource(router, '/me/links', {
    post: signedIn(async (_request, { person }) => {
      const { code, expires } = await links.create(person.id);
      const url = `${origins.base}/link/${code}`;
      return json(201, { url, expires, qr: await toQrCode(url, { type: 'svg', margin: 1 }) });
    }),
  });

  resource(router, '/link/:code', {
    post: tries(async (request, response) => {
      const code = codeParam(request);
      const signed = code === null ? null : await links.redeem(code);
      if (!signed) return null;
      // Whoever was signed in here before is so no longer.
      const before = identityOf(request)?.session;
      if (before) await access.endSession(before);
      response.append('Set-Cookie', cookie.write(signed.secret));
      return json(200, { user: { id: signed.person.id, name: signed.person.name } });
    }),
  });

  resource(router, '/session', {
    delete: signedIn(async (_request, { session }) => {
      if (!session) return notSignedIn();
      await access.endSession(session);
      return empty(204, { 'Set-Cookie': cookie.write(null) });
    }),
  });
}
