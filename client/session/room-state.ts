/** A room's state over HTTP: compressed, cached by the browser, and there before the socket is. */

import { readPieces } from '#core/framing.js';
import type { RoomName } from '#core/rooms.js';
import type { RoomState } from './ports.js';

/** Milliseconds that the server may take to begin its answer, and to end it: past them the join brings everything. */
const begins = 5_000;
const ends = 60_000;

/** Null where there is no right, no room or no answer: the join says which. */
export async function fetchState(url: string, room: RoomName): Promise<RoomState | null> {
  const given = new AbortController();
  const giveUp = (): void => given.abort();
  let timer = setTimeout(giveUp, begins);
  try {
    const path = `${url}/api/rooms/${encodeURIComponent(room)}/state?pieces`;
    const response = await fetch(path, { credentials: 'include', signal: given.signal });
    const at = momentOf(response.headers.get('ETag') ?? '');
    if (!response.ok || !at) {
      giveUp();
      return null;
    }
    clearTimeout(timer);
    timer = setTimeout(giveUp, ends);
    const pieces = readPieces(new Uint8Array(await response.arrayBuffer()));
    // Copies: each is kept by itself, and a view would be kept with all that it is a view of.
    return { ...at, pieces: pieces.map((piece) => piece.slice()) };
  } catch {
    // No connection, or an answer that is not the server's.
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** `"<epoch>.<seq>"`, with the encoding behind it; weak where a proxy compressed it anew. */
function momentOf(tag: string): { epoch: string; seq: number } | null {
  const [, epoch, seq] = /^(?:W\/)?"(.+)\.(\d+)(?:-[a-z]+)*"$/.exec(tag) ?? [];
  return epoch === undefined ? null : { epoch, seq: Number(seq) };
}
