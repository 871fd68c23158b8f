/**
 * Bounds the work that Yjs does to order what was written at one place at the same time, and tells how much of it each
 * struct makes. An honest update meets a little of it; a hand-made one of a megabyte could keep Yjs walking to and fro
 * for minutes.
 *
 * Yjs walks from a struct's origin to its right neighbour, and only where what follows the origin already names the
 * same origin (`Item.integrate`); without an origin, from the beginning of the place. So it is enough to count the
 * structs that share an origin without lying side by side, and what lies in their way.
 *
 * One client id writes between the same two neighbours once: its next write there has its own first as a neighbour.
 */

import * as Y from 'yjs';
import type { Holdings } from './holdings.js';
import { refused } from './refused.js';
import { Pace, type Steps } from './steps.js';
import { SectionIndex, type Id, type Section, type Struct } from './update.js';

/** Items that Yjs may have to pass for one update: about a second, in many parts. */
const mostSteps = 10_000_000;
/** Microseconds that Yjs takes to pass one. */
const costOfStep = 0.4;

/** The structs of an update at one place: a key, or a text. */
interface Crowd {
  structs: number;
  /** By origin. */
  readonly groups: Map<string, Group>;
}

/** The structs that name one origin. */
interface Group {
  last: Struct;
  /** Some do not lie side by side; each of these may pass all of the crowd. */
  torn: boolean;
  /** Who wrote there, and before which right neighbour; kept from the second struct on. */
  writers: Set<string> | null;
}

/**
 * For each struct (these come in an order of integration) how many microseconds Yjs may take to find its place. Throws
 * `Refused` when taking all of them could cost too much.
 */
export function* costsOfConflicts(
  order: readonly Struct[],
  sections: readonly Section[],
  room: Holdings,
): Steps<Float64Array> {
  const index = new SectionIndex(sections);
  const crowds = new Map<string, Map<string | null, Crowd>>();
  /** For structs beside new ones: the right neighbour in the room at which Yjs stops in the end. */
  const bounds = new Map<Struct, Id | null>();
  const costs = new Float64Array(order.length);
  const pace = new Pace();
  let steps = 0;

  for (const [at, struct] of order.entries()) {
    const { client, clock, right } = struct;
    let bound = right;
    if (right) {
      const neighbour = right.clock >= room.state(right.client) ? index.at(right) : undefined;
      if (neighbour) bound = bounds.get(neighbour) ?? null;
      bounds.set(struct, bound);
    }
    // Where the beginning is known, Yjs takes the rest, right after it.
    const known = room.state(client) - 1;
    const lean = clock <= known ? { ...struct, origin: { client, clock: known } } : struct;
    const passed = passedInRoom(lean, bound, room) + passedInUpdate(lean, crowds, index);
    steps += passed;
    if (steps > mostSteps) refused('limit', 'too much written at one place at the same time');
    costs[at] = passed * costOfStep;
    if (pace.spend(1 + passed * costOfStep)) yield;
  }
  return costs;
}

/** How many of those before it in the update Yjs may pass. */
function passedInUpdate(
  struct: Struct,
  crowds: Map<string, Map<string | null, Crowd>>,
  index: SectionIndex,
): number {
  const { root, key, origin, right } = struct;
  const crowd = crowdAt(crowds, root ?? '', key);
  crowd.structs++;
  const name = origin ? `${origin.client} ${origin.clock}` : '';
  const group = crowd.groups.get(name);
  if (group) {
    group.writers ??= new Set([writerOf(group.last)]);
    const writer = writerOf(struct);
    if (group.writers.has(writer)) refuseSecond();
    group.writers.add(writer);
    group.torn ||= !Y.compareIDs(right, group.last);
    group.last = struct;
    return group.torn ? crowd.structs : 0;
  }
  const follower = origin && index.rest(origin);
  const torn = follower !== null && !Y.compareIDs(right, follower);
  crowd.groups.set(name, { last: struct, torn, writers: null });
  return torn ? crowd.structs : 0;
}

function crowdAt(crowds: Map<string, Map<string | null, Crowd>>, root: string, key: string | null): Crowd {
  let keys = crowds.get(root);
  if (!keys) crowds.set(root, (keys = new Map<string | null, Crowd>()));
  let crowd = keys.get(key);
  if (!crowd) keys.set(key, (crowd = { structs: 0, groups: new Map() }));
  return crowd;
}

const writerOf = ({ client, right }: Struct): string =>
  right ? `${client} ${right.client} ${right.clock}` : String(client);

const refuseSecond = (): never => refused('limit', 'one client id writes between the same neighbours once');

/** How many items of the room, living or ended, lie between a struct's origin and its right neighbour. */
function passedInRoom(struct: Struct, bound: Id | null, room: Holdings): number {
  const { client, origin, right, root, key } = struct;
  if (origin && origin.clock >= room.state(origin.client)) return 0;
  let passed = 0;
  let at: Y.Item | null;
  if (origin) {
    const left = room.itemAt(origin);
    const rest = left && origin.clock < left.id.clock + left.length - 1;
    at = rest ? left : (left?.right ?? null);
    if (rest ? isNext(right, origin) : !at || Y.compareIDs(at.id, right) || !Y.compareIDs(at.origin, origin))
      return 0;
  } else {
    at = room.edgeOf(root, key);
    // Of a key Yjs knows the newest, and walks back from it, twice.
    for (; key !== null && at?.left; at = at.left) passed += 2;
    if (!at || Y.compareIDs(at.id, right)) return passed;
  }
  for (; at && !(bound && holds(at, bound)); at = at.right) {
    passed++;
    if (at.id.client === client && Y.compareIDs(at.origin, origin) && Y.compareIDs(at.rightOrigin, right))
      refuseSecond();
  }
  return passed;
}

const isNext = (id: Id | null, { client, clock }: Id): boolean =>
  id !== null && id.client === client && id.clock === clock + 1;

const holds = ({ id, length }: Y.Item, { client, clock }: Id): boolean =>
  id.client === client && id.clock <= clock && clock < id.clock + length;
