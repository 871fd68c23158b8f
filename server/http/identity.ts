/** Who asks. A Bearer token, where there is one, is the only identity; else the session cookie. */

import type { Request, RequestHandler } from 'express';
import type { AccessServices, Identity } from '../access/access.js';
import { notSignedIn, problem, send, type Handler, type Reply } from './reply.js';

const identities = new WeakMap<Request, Identity>();

/** The token of an `Authorization: Bearer` header; undefined where there is no such header. */
export function bearerOf(request: Request): string | undefined {
  const match = /^bearer(?:\s+(.*))?$/i.exec(request.headers.authorization?.trim() ?? '');
  return match ? (match[1] ?? '') : undefined;
}

/** Looks the identity up for all that follow. A token that is not valid ends the request: nothing else counts then. */
export const identify =
  ({ identify: find, cookie }: AccessServices): RequestHandler =>
  async (request, response, next) => {
    const token = bearerOf(request);
    const identity = await find({ cookie: request.headers.cookie, token });
    if (identity) identities.set(request, identity);
    if (token !== undefined && !identity) return send(response, notSignedIn());
    const secret = cookie.read(request.headers.cookie);
    if (identity?.session?.renewed && secret) response.append('Set-Cookie', cookie.write(secret));
    next();
  };

/** Null for one who is not signed in, or who came by a room token: that is for rooms. */
export function identityOf(request: Request): Identity | null {
  const identity = identities.get(request);
  return identity && identity.only === undefined ? identity : null;
}

type SignedIn = (
  request: Request,
  identity: Identity,
  response: Parameters<Handler>[1],
) => Reply | Promise<Reply>;

/** For those who are signed in. */
export const signedIn =
  (handler: SignedIn): Handler =>
  (request, response) => {
    const identity = identities.get(request);
    if (!identity) return notSignedIn();
    if (identity.only !== undefined)
      return problem(403, 'room-token', 'A room token opens one room, and nothing else.');
    return handler(request, identity, response);
  };

/** The same, and for room tokens too: the handler looks at `only`. */
export const signedInOrRoomToken =
  (handler: SignedIn): Handler =>
  (request, response) => {
    const identity = identities.get(request);
    return identity ? handler(request, identity, response) : notSignedIn();
  };
