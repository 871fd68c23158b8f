/** A room's live document, built from its committed bytes piece by piece, so that other rooms go on meanwhile. */

import { Gate } from '#core/gate.js';
import type { Room } from '#core/rooms.js';
import { randomInt } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { blank } from './scrub.js';

/** @param owners whose each Yjs client id of the room is; kept, and added to by the gate. */
export async function openGate(
  room: Room,
  updates: readonly Uint8Array[],
  owners: Map<number, string>,
): Promise<Gate> {
  const gate = new Gate(room, {
    updates: [],
    book: {
      owner: (client) => owners.get(client),
      bind: (client, person) => void owners.set(client, person),
    },
    serverClient: freshClient(owners),
    amend: blank,
  });
  for (const some of inTurns(updates)) {
    gate.follow(some);
    if (updates.length > 1) await nextTurn();
  }
  return gate;
}

/** Bytes that are taken in one turn of the loop: some milliseconds. */
const turnBytes = 64 * 1024;

/** Several small updates a turn, and one transaction for them. */
function* inTurns(updates: readonly Uint8Array[]): Generator<Uint8Array[]> {
  let turn: Uint8Array[] = [];
  let bytes = 0;
  for (const update of updates) {
    turn.push(update);
    bytes += update.length;
    if (bytes < turnBytes) continue;
    yield turn;
    turn = [];
    bytes = 0;
  }
  if (turn.length > 0) yield turn;
}

/** A random Yjs client id that nobody has used in this room. */
function freshClient(taken: ReadonlyMap<number, string>): number {
  for (;;) {
    const client = randomInt(1, 2 ** 32);
    if (!taken.has(client)) return client;
  }
}
