/**
 * One batch of a room: everything that waited is judged in order against the live document and applied to it.
 * Nothing is answered here: outcomes hold only once the batch is committed, and are judged again if it is not.
 */

import type { Gate } from '#core/gate.js';
import type { LayerMap } from '#core/entries.js';
import type { Refusal } from '#core/result.js';
import type { Rights } from '#core/roles.js';
import type * as Y from 'yjs';
import { SERVER, type LogPart, type Person } from './ports.js';

/** What somebody wants done to a room. */
export type Work =
  /** An update from outside. `sync`: it answers a state vector, and so may hold what others wrote. */
  | { readonly kind: 'update'; readonly update: Uint8Array; readonly sync?: { own?: ReadonlySet<number> } }
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
  /** The one connection that made all of it, when the server added nothing: it need not be told. */
  readonly only: Source | null;
  /** The request whose work the document did not take as judged: the room must be rebuilt without it. */
  readonly broken: number | null;
}

export function judgeBatch(
  gate: Gate,
  requests: readonly Request[],
  rights: (person: string) => Rights,
  now: number,
): Judged {
  const refusals: (Refusal | null)[] = [];
  const parts: LogPart[] = [];
  const clients = new Map<number, string>();
  const touched = new Map<string, Set<string>>();
  const sources = new Set<Source | null>();

  for (const [index, { person, work, source }] of requests.entries()) {
    const writer = { id: person.id, rights: rights(person.id), now };
    const result = apply(gate, work, writer);
    if (!result.ok) {
      if (result.error.code === 'integrity')
        return { refusals: [...refusals, result.error], parts, clients, touched, only: null, broken: index };
      refusals.push(result.error);
      continue;
    }
    refusals.push(null);
    const { update, amended } = result.value;
    if (!update) continue;
    parts.push({ update, person: work.kind === 'change' ? SERVER : person.id });
    sources.add(amended ? null : source);
    for (const [client, owner] of result.value.clients) clients.set(client, owner);
    for (const [map, keys] of result.value.touched) {
      const known = touched.get(map) ?? new Set();
      for (const key of keys) known.add(key);
      touched.set(map, known);
    }
  }
  const [only] = sources;
  return {
    refusals,
    parts,
    clients,
    touched,
    only: sources.size === 1 && only ? only : null,
    broken: null,
  };
}

function apply(gate: Gate, work: Work, writer: Parameters<Gate['submit']>[1]): ReturnType<Gate['submit']> {
  switch (work.kind) {
    case 'update':
      return gate.submit(work.update, writer, work.sync ? { sync: work.sync } : undefined);
    case 'entries':
      return gate.write(work.entries, writer);
    case 'change':
      return { ok: true, value: gate.edit(work.change) };
  }
}
