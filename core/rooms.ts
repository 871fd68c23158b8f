/**
 * Room names. A room is one live Yjs document: `content:<document id>` holds a text, `layer:<layer id>` one layer
 * of annotations, `self:<user id>` what only that person sees.
 */

export type RoomKind = 'content' | 'layer' | 'self';

/** A room's full name, such as `layer:01900000-0000-7000-8000-00000000000a`. */
export type RoomName = `${RoomKind}:${string}`;

export interface Room {
  readonly kind: RoomKind;
  /** The document's, layer's or user's id: a lower-case UUID. */
  readonly id: string;
}

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const kinds: ReadonlySet<string> = new Set<RoomKind>(['content', 'layer', 'self']);

export const roomName = (kind: RoomKind, id: string): RoomName => `${kind}:${id}`;

/** Returns null for whatever is not exactly a room's name. */
export function parseRoom(name: string): Room | null {
  const colon = name.indexOf(':');
  const kind = name.slice(0, colon);
  const id = name.slice(colon + 1);
  return colon > 0 && kinds.has(kind) && UUID.test(id) ? { kind: kind as RoomKind, id } : null;
}
