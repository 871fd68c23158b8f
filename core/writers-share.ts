/**
 * Of what an update holds, the part that is judged as its sender's. A client id belongs to the person whose struct was
 * committed under it first; what comes under another's is refused. Only where a copy answers a state vector it may
 * hold what others wrote and the log has lost (after a restore): that is left out, as they will send it themselves.
 */

import type { Holdings } from './holdings.js';
import type { Judge, Judgement } from './judge.js';
import { refused, refuseWith } from './refused.js';
import type { Writer } from './rules.js';
import { Pace, type Steps } from './steps.js';
import type { Endings, Range, Section, Update } from './update.js';

/** Given for an update that answers a state vector; `own`: client ids that the connection announced as its own. */
export interface Sync {
  readonly own?: ReadonlySet<number>;
}

/** Whose a client id is; undefined: nobody has used it yet. */
export type OwnerOf = (client: number) => string | undefined;

/** The sections to be judged as the writer's. */
export function* ownSections(
  sections: readonly Section[],
  writer: Writer,
  ownerOf: OwnerOf,
  judge: Judge,
  sync: Sync | undefined,
): Steps<readonly Section[]> {
  const own: Section[] = [];
  const unknown: Section[] = [];
  for (const section of sections) {
    const owner = ownerOf(section.client);
    if (owner === undefined) unknown.push(section);
    else if (owner === writer.id) own.push(section);
    else if (!sync) refused('client', 'a new struct under the client id of another');
  }
  if (!sync) return [...own, ...unknown];
  const unannounced = unknown.filter(({ client }) => !sync.own?.has(client));
  const lost = new Set(yield* judge.ofOthers(unannounced, writer));
  own.push(...unknown.filter((section) => !lost.has(section)));
  // A forger's first update looks like a copy that holds others' lost work and nothing of its own.
  return sync.own || own.length > 0 ? own : [...lost];
}

/**
 * What the update may end and has not ended yet. Others' endings that a copy holds and the log has lost are left out
 * of a sync, as their structs are: that ends nothing.
 * @param sections those of it that are judged
 */
export function* ownEndings(
  update: Update,
  sections: readonly Section[],
  judgement: Judgement,
  room: Holdings,
  isOthers: ((client: number) => boolean) | null,
): Steps<Endings> {
  const ends = new Map(sections.map(({ client, end }) => [client, end]));
  const leftOut = new Set(update.sections.map(({ client }) => client).filter((client) => !ends.has(client)));
  const endings = new Map<number, Range[]>();
  const pace = new Pace();
  for (const [client, ranges] of update.endings) {
    const state = room.state(client);
    const mayLeaveOut = isOthers !== null && (isOthers(client) || sections.length > 0 || leftOut.size > 0);
    const taken: Range[] = [];
    for (const range of ranges) {
      for (const { item, clock, end } of room.living(client, range)) {
        const verdict = judgement.mayEnd(item);
        if (verdict === true) taken.push({ clock, end });
        else if (verdict !== false && !mayLeaveOut) refuseWith(verdict);
        if (pace.spend(1)) yield;
      }
      if (pace.spend(1)) yield;
      if (range.end <= state || leftOut.has(client)) continue;
      if (range.end > (ends.get(client) ?? state)) refused('behind', 'it ends parts that are not here yet');
      taken.push({ clock: Math.max(range.clock, state), end: range.end });
    }
    if (taken.length > 0) endings.set(client, taken);
  }
  return endings;
}
