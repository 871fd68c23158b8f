/**
 * How the structs of an update hang together, with each other and with what the room holds: where each belongs, and
 * whether there is an order in which all of them can be taken. Nothing here recurses: an update may be a long chain.
 */

import type { Holdings, Place } from './holdings.js';
import { refused } from './refused.js';
import { Pace, type Steps } from './steps.js';
import { SectionIndex, type Id, type Section, type Struct } from './update.js';

/** Gives every struct its root and key: those of what it leans on, where it names none. What leads nowhere keeps null. */
export function* settlePlaces(sections: readonly Section[], room: Holdings): Steps<void> {
  const index = new SectionIndex(sections);
  const pace = new Pace();
  const walked = new Set<Struct>();
  for (const { structs } of sections) {
    for (const struct of structs) {
      if (pace.spend(1)) yield;
      if (struct.root !== null) continue;
      const path: Struct[] = [];
      let at: Struct | undefined = struct;
      let place: Place | null = null;
      while (at && at.root === null && !walked.has(at)) {
        walked.add(at);
        path.push(at);
        if (pace.spend(1)) yield;
        const lean: Id | null = at.origin ?? at.right;
        at = lean && lean.clock >= room.state(lean.client) ? index.at(lean) : undefined;
        if (lean && !at) place = placeAt(index, lean, room);
      }
      if (at && at.root !== null) place = { root: at.root, key: at.key };
      if (place)
        for (const one of path) {
          one.root = place.root;
          one.key = place.key;
          if (pace.spend(0.1)) yield;
        }
    }
  }
}

/**
 * The structs in an order in which each comes after what it leans on. Refuses what no order can complete: as `behind`
 * what leans on parts that are neither here nor in the room, for good what leans on itself or on two places at once.
 */
export function* settleOrder(sections: readonly Section[], room: Holdings): Steps<readonly Struct[]> {
  const order: Struct[] = [];
  const pace = new Pace();
  const lanes = new Map(sections.map((section) => [section.client, { section, next: 0, waits: false }]));
  const isMissing = (id: Id | null): id is Id => {
    if (!id || id.clock < room.state(id.client)) return false;
    const lane = lanes.get(id.client);
    if (!lane || id.clock >= lane.section.end)
      return refused('behind', 'it leans on parts that are not here yet');
    return id.clock >= (lane.section.structs[lane.next]?.clock ?? lane.section.end);
  };

  for (const start of lanes.values()) {
    const { client, structs } = start.section;
    if ((structs[0]?.clock ?? 0) > room.state(client)) refused('behind', 'it leaves out what came before');
    const stack = [{ lane: start, until: Infinity }];
    for (let top = stack[0]; top; top = stack.at(-1)) {
      if (pace.spend(1)) yield;
      const { lane, until } = top;
      const struct = lane.section.structs[lane.next];
      if (!struct || struct.clock > until) {
        lane.waits = false;
        stack.pop();
        continue;
      }
      const lean = [struct.origin, struct.right].find(isMissing);
      const other = lean && lanes.get(lean.client);
      if (!lean || !other) {
        lane.next++;
        order.push(struct);
        continue;
      }
      lane.waits = true;
      if (other.waits) refused('path', 'structs that lean on each other in a circle');
      stack.push({ lane: other, until: lean.clock });
    }
  }
  yield* checkPlaces(sections, room);
  return order;
}

function* checkPlaces(sections: readonly Section[], room: Holdings): Steps<void> {
  const index = new SectionIndex(sections);
  const pace = new Pace();
  for (const { client, structs } of sections) {
    const state = room.state(client);
    for (const struct of structs) {
      if (pace.spend(1)) yield;
      const leans = struct.clock < state ? [struct.origin, struct.right, { client, clock: state - 1 }] : [];
      if (struct.origin && struct.right) leans.push(struct.origin, struct.right);
      if (struct.root === null) refused('path', 'it belongs nowhere');
      for (const lean of leans) {
        const place = lean && placeAt(index, lean, room);
        if (lean && (place?.root !== struct.root || place.key !== struct.key))
          refused('path', 'it belongs to two places at once');
      }
    }
  }
}

function placeAt(index: SectionIndex, id: Id, room: Holdings): Place | null {
  if (id.clock < room.state(id.client)) return room.placeOf(room.itemAt(id));
  const struct = index.at(id);
  return struct && struct.root !== null ? { root: struct.root, key: struct.key } : null;
}
