/** The rooms as HTTP and everyone else who is no socket sees them: each call holds its room for as long as it takes. */

import { encodeInPieces } from '#core/pieces.js';
import * as Y from 'yjs';
import type { RoomDoor } from './door.js';
import type { Person } from './ports.js';
import { SERVER } from './ports.js';
import type { Rooms } from './registry.js';

const server: Person = { id: SERVER, name: 'the server' };

export function openDoor(rooms: Rooms): RoomDoor {
  return {
    read: (name, read) => rooms.with(name, (room) => room.read(read)),
    write: (person, name, entries) =>
      rooms.with(name, (room) => room.submit(person, { kind: 'entries', entries })),
    edit: (name, change) => rooms.with(name, (room) => room.submit(server, { kind: 'change', change })),
    state: (name, whole) =>
      rooms.with(name, (room) =>
        room.handout((doc) => (whole ? [Y.encodeStateAsUpdate(doc)] : encodeInPieces(doc))),
      ),
  };
}
