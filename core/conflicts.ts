/**
 * Bounds the work that Yjs does to order what was written at one place at the same time. An honest update meets a
 * little of it; a hand-made one of a megabyte could keep Yjs walking to and fro for minutes.
 *
 * Yjs walks from a struct's origin to its right neighbour, and only where what follows the origin already names the
 * same origin (`Item.integrate`); without an origin, from the beginning of the place. So it is enough to count the
 * structs that share an origin without lying side by side, and what lies in their way.
 */

import * as Y from 'yjs';
import type { Holdings } from './holdings.js';
import { refused } from './refused.js';
import { SectionIndex, type Id, type Section, type Struct } from './update.js';

/** Items that Yjs may have to pass for one update: some tenths of a second. */
const mostSteps = 1_000_000;

/** The structs of an update at one place: a key, or a text. */
interface Crowd {
  structs: number;
  /** Structs that do not lie beside the one before them with the same origin; each may pass all of the crowd. */
  conflicts: number;
  /** By origin: the newest struct that names it, and whether any did so in conflict. */
  readonly origins: Map<string, { last: Struct; torn: boolean }>;
}

/** Throws `Refused` when taking these structs, which come in an order of integration, could cost too much. */
export function checkConflicts(order: readonly Struct[], sections: readonly Section[], room: Holdings): void {
  const index = new SectionIndex(sections);
  const crowds = new Map<string, Crowd>();
  /** For structs beside new ones: the right neighbour in the room at which Yjs stops in the end. */
  const bounds = new Map<Struct, Id | null>();
  let steps = 0;
  const pass = (items: number): void => {
    steps += items;
    if (steps > mostSteps) refused('limit', 'too much written at one place at the same time');
  };

  for (const struct of order) {
    const { client, clock, right } = struct;
    const neighbour = right && right.clock >= room.state(right.client) ? index.at(right) : undefined;
    const bound = neighbour ? (bounds.get(neighbour) ?? null) : right;
    if (right) bounds.set(struct, bound);
    // Where the beginning is known, Yjs takes the rest, right after it.
    const known = room.state(client) - 1;
    const lean = { ...struct, origin: clock <= known ? { client, clock: known } : struct.origin };
    passKnown(lean, bound, room, pass);
    count(lean, crowds, index);
  }
  for (const { structs, conflicts } of crowds.values()) pass(structs * conflicts);
}

function count(struct: Struct, crowds: Map<string, Crowd>, index: SectionIndex): void {
  const { root, key, origin, right } = struct;
  const place = `${root} ${key}`;
  const crowd: Crowd = crowds.get(place) ?? { structs: 0, conflicts: 0, origins: new Map() };
  crowds.set(place, crowd);
  crowd.structs++;
  const name = origin ? `${origin.client} ${origin.clock}` : '';
  const group = crowd.origins.get(name);
  const follower = group?.last ?? (origin && index.rest(origin));
  const torn = group?.torn === true || (follower !== null && !Y.compareIDs(right, follower));
  if (torn) crowd.conflicts++;
  crowd.origins.set(name, { last: struct, torn });
}

/** Counts the items of the room, living or ended, that lie between a struct's origin and its right neighbour. */
function passKnown(struct: Struct, bound: Id | null, room: Holdings, pass: (items: number) => void): void {
  const { origin, right, root, key } = struct;
  if (origin && origin.clock >= room.state(origin.client)) return;
  let at: Y.Item | null;
  if (origin) {
    const left = room.itemAt(origin);
    const rest = left && origin.clock < left.id.clock + left.length - 1;
    at = rest ? left : (left?.right ?? null);
    if (rest ? isNext(right, origin) : !at || Y.compareIDs(at.id, right) || !Y.compareIDs(at.origin, origin))
      return;
  } else {
    at = room.edgeOf(root, key);
    // Of a key Yjs knows the newest, and walks back from it, twice.
    for (; key !== null && at?.left; at = at.left) pass(2);
    if (!at || Y.compareIDs(at.id, right)) return;
  }
  for (; at && !(bound && holds(at, bound)); at = at.right) pass(1);
}

const isNext = (id: Id | null, { client, clock }: Id): boolean =>
  Y.compareIDs(id, { client, clock: clock + 1 });

const holds = ({ id, length }: Y.Item, { client, clock }: Id): boolean =>
  id.client === client && id.clock <= clock && clock < id.clock + length;
