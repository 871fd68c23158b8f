/** `/api/groups/:id`: its members, and its owners' invitation links. */

import type { Request, Router } from 'express';
import * as z from 'zod';
import { ok, type Result } from '#core/result.js';
import { roles, type Role } from '#core/roles.js';
import type { Identity } from '../access/access.js';
import type { MemberRefusal } from '../access/groups.js';
import type { InvitationView } from '../access/invitations.js';
import { signedIn } from './identity.js';
import { idParam, pageOf, readBody, readPage } from './input.js';
import { empty, forbidden, json, notFound, problem, resource, type Reply } from './reply.js';
import type { HttpServices } from './services.js';

const role = z.enum(roles as [Role, ...Role[]]);
const roleBody = z.object({ role });
const invitationBody = z.object({
  role: role.optional(),
  expires: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .refine((date) => date.getTime() > Date.now(), { message: 'must lie ahead' })
    .nullish(),
  uses: z.int().min(1).max(100_000).nullish(),
});

export function groups(router: Router, services: HttpServices): void {
  const { access, origins } = services;

  /** The group's id and the person's role in it; a group of others is as good as none. */
  const asMember = async (
    request: Request,
    { person }: Identity,
  ): Promise<Result<{ id: string; role: Role }, Reply>> => {
    const id = idParam(request, 'id');
    const found = id && (await access.rights.role(person.id, id));
    return id && found ? ok({ id, role: found }) : { ok: false, error: notFound() };
  };
  const asOwner = async (request: Request, identity: Identity): Promise<Result<{ id: string }, Reply>> => {
    const member = await asMember(request, identity);
    if (member.ok && member.value.role !== 'owner') return { ok: false, error: forbidden('Owners do that.') };
    return member;
  };

  resource(router, '/groups/:id/members', {
    get: signedIn(async (request, identity) => {
      const group = await asMember(request, identity);
      const page = readPage(request);
      if (!group.ok) return group.error;
      if (!page.ok) return page.error;
      const found = await access.groups.members(group.value.id, page.value.after, page.value.limit + 1);
      return json(
        200,
        pageOf(found, page.value, (member) => member),
      );
    }),
  });

  resource(router, '/groups/:id/members/:userId', {
    patch: signedIn(async (request, identity) => {
      const group = await asOwner(request, identity);
      if (!group.ok) return group.error;
      const body = readBody(request, roleBody);
      if (!body.ok) return body.error;
      const userId = idParam(request, 'userId');
      if (!userId) return notFound();
      const changed = await access.groups.changeRole(group.value.id, userId, body.value.role);
      return changed.ok ? json(200, changed.value) : memberRefusal(changed.error);
    }),
    delete: signedIn(async (request, identity) => {
      const userId = idParam(request, 'userId');
      // Everyone may leave.
      const group = await (userId === identity.person.id ? asMember : asOwner)(request, identity);
      if (!group.ok) return group.error;
      if (!userId) return notFound();
      const removed = await access.groups.remove(group.value.id, userId);
      return removed.ok ? empty(204) : memberRefusal(removed.error);
    }),
  });

  const invitation = (view: InvitationView) => ({ ...view, url: `${origins.base}/join/${view.code}` });

  resource(router, '/groups/:id/invitations', {
    get: signedIn(async (request, identity) => {
      const group = await asOwner(request, identity);
      if (!group.ok) return group.error;
      const items = (await access.invitations.list(group.value.id)).map(invitation);
      return json(200, { items, next: null });
    }),
    post: signedIn(async (request, identity) => {
      const group = await asOwner(request, identity);
      if (!group.ok) return group.error;
      const body = readBody(request, invitationBody);
      if (!body.ok) return body.error;
      const created = await access.invitations.create(group.value.id, identity.person.id, body.value);
      return json(201, invitation(created));
    }),
  });

  resource(router, '/groups/:id/invitations/:invitation', {
    delete: signedIn(async (request, identity) => {
      const group = await asOwner(request, identity);
      if (!group.ok) return group.error;
      const id = idParam(request, 'invitation');
      return id && (await access.invitations.revoke(group.value.id, id)) ? empty(204) : notFound();
    }),
  });
}

function memberRefusal(refusal: MemberRefusal): Reply {
  switch (refusal) {
    case 'no-member':
      return notFound();
    case 'last-owner':
      return problem(409, 'last-owner', 'A group keeps an owner: make somebody else one first.');
  }
}
