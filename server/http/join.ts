/** `/api/join/:code`: what an invitation leads to, and joining by it. */

import type { Router } from 'express';
import * as z from 'zod';
import { readName } from '../access/names.js';
import { identityOf } from './identity.js';
import { codeParam, readBody } from './input.js';
import { badInput, json, problem, resource } from './reply.js';
import type { HttpServices } from './services.js';
import type { LimitTries } from './tries.js';

const joinBody = z.object({ name: z.string() });

export function join(router: Router, { access }: HttpServices, tries: LimitTries): void {
  resource(router, '/join/:code', {
    // For the page that asks for a name. It uses nothing up.
    get: tries(async (request) => {
      const code = codeParam(request);
      const preview = code === null ? null : await access.invitations.preview(code);
      return preview && json(200, { ...preview, group: { name: preview.group } });
    }),

    post: tries(async (request, response) => {
      const body = readBody(request, joinBody);
      if (!body.ok) return body.error;
      const name = readName(body.value.name);
      if (!name.ok) return badInput([{ path: 'name', message: name.error }]);
      const code = codeParam(request);
      if (code === null) return null;

      const identity = identityOf(request);
      const joined = await access.people.join({
        code,
        name: name.value,
        person: identity?.person,
        session: identity?.session,
      });
      if (!joined.ok) {
        if (joined.error.code === 'no-invitation') return null;
        const { proposal } = joined.error;
        return problem(409, 'name-taken', `Somebody here has this name, or one much like it.`, { proposal });
      }
      const { user, group, isNew, secret } = joined.value;
      // A script has its token; only a browser gets a cookie.
      if (secret !== null) response.append('Set-Cookie', access.cookie.write(secret));
      return json(isNew ? 201 : 200, { user: { id: user.id, name: user.name }, group });
    }),
  });
}
