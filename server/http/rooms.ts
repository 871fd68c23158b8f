/** `/api/rooms/:room`: a room's state to begin with, and tokens for clients that cannot send a cookie. */

import type { Request, Router } from 'express';
import { parseRoom, type RoomName } from '#core/rooms.js';
import type { Identity } from '../access/access.js';
import { notModified } from './conditions.js';
import { signedIn, signedInOrRoomToken } from './identity.js';
import { param } from './input.js';
import { empty, json, notFound, resource } from './reply.js';
import type { HttpServices } from './services.js';
import { encodings, stateBytes } from './state-bytes.js';

/** The newest states as they were sent: many readers who come at once share one compression. */
class SentStates {
  readonly #states = new Map<string, { tag: string; bytes: Promise<Uint8Array> }>();

  bytes(key: string, tag: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#states.get(key);
    if (known?.tag === tag) return known.bytes;
    const bytes = make();
    this.#states.delete(key);
    this.#states.set(key, { tag, bytes });
    bytes.catch(() => this.#states.delete(key));
    const [oldest] = this.#states.keys();
    if (this.#states.size > mostStates && oldest !== undefined) this.#states.delete(oldest);
    return bytes;
  }
}
const mostStates = 16;

export function rooms(router: Router, { access, door }: HttpServices): void {
  const sent = new SentStates();

  /** The room's name, where this person may read it. */
  const readable = async (request: Request, { person, only }: Identity): Promise<RoomName | null> => {
    const name = param(request, 'room');
    if (!parseRoom(name) || (only !== undefined && only !== name)) return null;
    const { read } = await access.rights.rights(person.id, name as RoomName);
    return read ? (name as RoomName) : null;
  };

  resource(router, '/rooms/:room/state', {
    get: signedInOrRoomToken(async (request, identity, response) => {
      response.vary('Cookie, Authorization, Accept-Encoding');
      const room = await readable(request, identity);
      if (!room) return notFound();
      const encoding = encodings.find((name) => request.acceptsEncodings(name) !== false) ?? 'identity';
      const form = request.query['pieces'] === undefined ? 'whole' : 'pieces';
      const state = await door.state(room, form === 'whole');
      const tag = `"${state.epoch}.${state.seq}${encoding === 'identity' ? '' : `-${encoding}`}"`;
      const headers = { 'Cache-Control': 'private, no-cache' };
      if (notModified(request, tag)) return empty(304, { ...headers, ETag: tag });
      const bytes = await sent.bytes(`${room} ${encoding} ${form}`, tag, () =>
        stateBytes(state, form, encoding),
      );
      return {
        status: 200,
        headers: {
          ...headers,
          ETag: tag,
          'Content-Type': 'application/octet-stream',
          ...(encoding !== 'identity' && { 'Content-Encoding': encoding }),
        },
        body: bytes,
      };
    }),
  });

  resource(router, '/rooms/:room/token', {
    post: signedIn(async (request, identity) => {
      const room = await readable(request, identity);
      return room ? json(201, await access.tokens.createForRoom(identity.person.id, room)) : notFound();
    }),
  });
}
