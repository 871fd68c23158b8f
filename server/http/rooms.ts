/** `/api/rooms/:room`: a room's state to begin with, and tokens for clients that cannot send a cookie. */

import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Request, Router } from 'express';
import { parseRoom, type RoomName } from '#core/rooms.js';
import type { Identity } from '../access/access.js';
import { notModified } from './conditions.js';
import { signedIn, signedInOrRoomToken } from './identity.js';
import { param } from './input.js';
import { empty, json, notFound, resource } from './reply.js';
import type { HttpServices } from './services.js';

/** The smallest first. */
const encodings = ['br', 'gzip', 'identity'] as const;
type Encoding = (typeof encodings)[number];

const toGzip = promisify(gzip);
const toBrotli = promisify(brotliCompress);
// The default level is meant for files that are compressed once and served for ever; a state is served once.
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

async function encode(bytes: Uint8Array, encoding: Encoding): Promise<Uint8Array> {
  switch (encoding) {
    case 'br':
      return toBrotli(bytes, brotliOptions);
    case 'gzip':
      return toGzip(bytes);
    case 'identity':
      return bytes;
  }
}

/** Each update behind its length as a varint, as lib0 writes byte arrays. */
function framePieces(updates: readonly Uint8Array[]): Uint8Array {
  const parts = updates.flatMap((update) => {
    const length: number[] = [];
    let rest = update.length;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) length.push((rest & 0x7f) | 0x80);
    return [Uint8Array.from([...length, rest]), update];
  });
  return new Uint8Array(Buffer.concat(parts));
}

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
      const inPieces = request.query['pieces'] !== undefined;
      const tagAt = ({ epoch, seq }: { epoch: string; seq: number }): string =>
        `"${epoch}.${seq}${encoding === 'identity' ? '' : `-${encoding}`}"`;

      const headers = { 'Cache-Control': 'private, no-cache' };
      const now = tagAt(await door.read(room, (_doc, at) => ({ ...at })));
      if (notModified(request, now)) return empty(304, { ...headers, ETag: now });
      const state = inPieces ? await door.pieces(room) : await door.state(room);
      const tag = tagAt(state);
      const bytes = await sent.bytes(`${room} ${encoding} ${inPieces}`, tag, () =>
        encode('update' in state ? state.update : framePieces(state.updates), encoding),
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
