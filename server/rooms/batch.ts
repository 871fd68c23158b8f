/**
 * One batch of a room: everything that waited is judged in order against the live document and applied to it.
 * Nothing is answered here: outcomes hold only once the batch is committed, and are judged again if it is not.
 */

import type { Applied, Gate, Submission } from '#core/gate.js';
import type { LayerMap } from '#core/entries.js';
import type { Refusal, Result } from '#core/result.js';
import type { Rights } from '#core/roles.js';
import * as Y from 'yjs';
import type { Budgets } from './budget.js';
import { SERVER, type LogPart, type Meter, type Person } from './ports.js';

/** What somebody wants done to a room. */
export type Work =
  /** An update from outside. `sync`: it answers a state vector, and so may hold what others wrote. */
  | {
      readonly kind: 'update';
      readonly update: Uint8Array;
      readonly sync?: { own?: ReadonlySet<number> };
      /** The first sync of a connection and room: its new client ids are counted apart. */
      readonly first?: boolean;
    }
  /** Entries that the server writes in the person's name (REST): the same rules. */
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] }
  /** A change that the server makes itself, such as the import of a text. */
  | { readonly kind: 'change'; readonly change: (doc: Y.Doc) => void };

export interface Entry {
  readonly map: LayerMap;
  readonly key: string;
  /** undefined takes the key out: reactions only. */
  readonly value: unknown;
}

/** The connection that work came by: compared, never looked into. */
export type Source = object;

export interface Request {
  readonly person: Person;
  readonly work: Work;
  readonly source: Source | null;
}

export interface Judged {
  /** In the order of the requests; null: taken. */
  readonly refusals: readonly (Refusal | null)[];
  readonly parts: readonly LogPart[];
  readonly clients: ReadonlyMap<number, string>;
  readonly touched: ReadonlyMap<string, ReadonlySet<string>>;
  /** Words were removed: what the log keeps of them must go. */
  readonly removes: boolean;
  /** The one connection that made all of it, when the server added nothing: it need not be told. */
  readonly only: Source | null;
  /** The request whose work the document did not take as judged: the room must be rebuilt without it. */
  readonly broken: number | null;
}

/** What requests are judged by. */
export interface Court {
  readonly gate: Gate;
  readonly rights: (person: string) => Rights;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly budgets?: Budgets | undefined;
  readonly meter?: Meter | undefined;
}

const nothing: Judged = {
  refusals: [],
  parts: [],
  clients: new Map(),
  touched: new Map(),
  removes: false,
  only: null,
  broken: null,
};

/** In steps of a few milliseconds at most: between two of them the loop may go round, but nobody may change the document. */
export function judgeBatch(court: Court, requests: readonly Request[]): Generator<void, Judged> {
  return judge(court, [...requests.entries()], nothing);
}

/** On top of what is taken: what was refused may lean on what has come from another server since. */
export function judgeRefusedAgain(
  court: Court,
  requests: readonly Request[],
  judged: Judged,
): Generator<void, Judged> {
  const refused = [...requests.entries()].filter(([index]) => judged.refusals[index]);
  return judge(court, refused, judged);
}

function* judge(
  court: Court,
  requests: readonly (readonly [number, Request])[],
  before: Judged,
): Generator<void, Judged> {
  const refusals = [...before.refusals];
  const parts = [...before.parts];
  const clients = new Map(before.clients);
  const touched = new Map([...before.touched].map(([map, keys]) => [map, new Set(keys)]));
  const sources = new Set<Source | null>(before.parts.length > 0 ? [before.only] : []);
  let broken: number | null = null;

  for (const [index, request] of requests) {
    const { person, work, source } = request;
    const began = performance.now();
    const result = yield* apply(court, request);
    court.meter?.judged(result.ok ? 'taken' : result.error.code, performance.now() - began);
    refusals[index] = result.ok ? null : result.error;
    yield;
    if (!result.ok) {
      if (result.error.code !== 'integrity') continue;
      broken = index;
      break;
    }
    const { update, amended } = result.value;
    if (!update) continue;
    parts.push({ update, person: work.kind === 'change' ? SERVER : person.id });
    sources.add(amended ? null : source);
    for (const [client, owner] of result.value.clients) clients.set(client, owner);
    for (const [map, keys] of result.value.touched) {
      const known = touched.get(map) ?? new Set<string>();
      for (const key of keys) known.add(key);
      touched.set(map, known);
    }
  }
  const [only = null] = sources.size === 1 ? sources : [];
  return { refusals, parts, clients, touched, removes: touched.has('removed'), only, broken };
}

/** Did what others committed meanwhile write under the same keys or client ids as what we took? */
export function meets(
  judged: Judged,
  others: readonly { readonly updates: readonly Uint8Array[] }[],
  touched: ReadonlyMap<string, ReadonlySet<string>>,
): boolean {
  // Ids of annotations and comments are one space, whatever map speaks of them.
  const keys = new Set([...touched.values()].flatMap((keys) => [...keys]));
  if ([...judged.touched.values()].some((ours) => [...ours].some((key) => keys.has(key)))) return true;
  const clients = (updates: readonly Uint8Array[]): number[] =>
    updates.flatMap((update) => [...Y.parseUpdateMeta(update).to.keys()]);
  const theirs = new Set(others.flatMap(({ updates }) => clients(updates)));
  return clients(judged.parts.map(({ update }) => update)).some((client) => theirs.has(client));
}

function* apply(
  { gate, rights, now, budgets }: Court,
  { person, work }: Request,
): Generator<void, Result<Applied>> {
  if (work.kind === 'change') return { ok: true, value: gate.edit(work.change) };
  const writer = { id: person.id, rights: rights(person.id), now };
  if (work.kind === 'entries') return gate.write(work.entries, writer);
  const { update, sync, first = false } = work;
  const how: Submission = {
    ...(sync && { sync }),
    ...(budgets && { clients: budgets.mayBind(person.id, first) }),
  };
  const steps = gate.submitting(update, writer, how);
  let spent = 0;
  let result: Result<Applied> | undefined;
  while (!result) {
    const began = performance.now();
    const { done, value } = steps.next();
    spent += performance.now() - began;
    if (done) result = value;
    else yield; // what others do meanwhile is not on his account
  }
  if (!first) budgets?.spent(person.id, spent);
  if (result.ok) {
    const bound = [...result.value.clients.values()].filter((owner) => owner !== SERVER);
    budgets?.bound(person.id, bound.length, first);
  }
  return result;
}
