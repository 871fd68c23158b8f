/**
 * What a Yjs V1 update says, once read: structs by client id, and clocks that it ends. Beside it, how an update is
 * written again of some of that.
 *
 *   update   = count section*  count ending*
 *   section  = structs client clock struct*                     clocks run on from the first
 *   struct   = info [origin: id] [right: id] [parent] content   parent only where neither origin nor right is given
 *   parent   = 1 root-name [key] | 0 id                         key only with its bit in info
 *   ending   = client count (clock length)*
 */

import * as encoding from 'lib0/encoding';

export interface Id {
  readonly client: number;
  readonly clock: number;
}

export type Content =
  | { readonly kind: 'deleted' }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'embed'; readonly value: unknown }
  | { readonly kind: 'format'; readonly name: string; readonly value: unknown }
  | { readonly kind: 'value'; readonly value: unknown };

/** One new struct. Where it names an origin or a right neighbour, its root and key are found out later. */
export interface Struct extends Id {
  /** Clocks that it takes. */
  readonly length: number;
  /** Where it begins in its section's bytes, and how many bytes it takes. */
  readonly offset: number;
  readonly size: number;
  readonly origin: Id | null;
  readonly right: Id | null;
  /** Name of its root type; null: not known yet. */
  root: string | null;
  /** Key in a Y.Map; null in a list or text. */
  key: string | null;
  readonly content: Content;
}

/** What one client id wrote that the room lacks; the first struct may begin in what the room holds. */
export interface Section {
  readonly client: number;
  readonly structs: readonly Struct[];
  /** The clock after the last struct. */
  readonly end: number;
  /** The structs as they came, for `writeUpdate`. */
  readonly bytes: Uint8Array;
}

/** Clocks of one client id, `end` exclusive. */
export interface Range {
  readonly clock: number;
  readonly end: number;
}

/** By client id, what an update ends: sorted, and none over another. */
export type Endings = ReadonlyMap<number, readonly Range[]>;

export interface Update {
  readonly sections: readonly Section[];
  readonly endings: Endings;
}

/** Finds structs of an update by client id and clock. */
export class SectionIndex {
  readonly #sections: ReadonlyMap<number, Section>;

  constructor(sections: readonly Section[]) {
    this.#sections = new Map(sections.map((section) => [section.client, section]));
  }

  /** By binary search: a section's clocks run on. */
  at({ client, clock }: Id): Struct | undefined {
    const structs = this.#sections.get(client)?.structs ?? [];
    let low = 0;
    let high = structs.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const struct = structs[middle];
      if (!struct) break;
      if (clock < struct.clock) high = middle - 1;
      else if (clock >= struct.clock + struct.length) low = middle + 1;
      else return struct;
    }
    return undefined;
  }

  /** The clock after this one, if both lie in one struct. */
  rest(id: Id): Id | null {
    const struct = this.at(id);
    const { client, clock } = id;
    return struct && clock < struct.clock + struct.length - 1 ? { client, clock: clock + 1 } : null;
  }
}

/** Kinds of content by Yjs' numbers for them. */
export const contentRef = { deleted: 1, string: 4, embed: 5, format: 6, value: 8 } as const;

/** An update of these sections and endings: as `readUpdate` gave them, or less. */
export function writeUpdate(sections: readonly Section[], endings: Endings): Uint8Array {
  const w = encoding.createEncoder();
  encoding.writeVarUint(w, sections.length);
  for (const { client, structs, bytes } of sections) {
    encoding.writeVarUint(w, structs.length);
    encoding.writeVarUint(w, client);
    encoding.writeVarUint(w, structs[0]?.clock ?? 0);
    encoding.writeUint8Array(w, bytes);
  }
  writeEndings(w, endings);
  return encoding.toUint8Array(w);
}

export function writeEndings(w: encoding.Encoder, endings: Endings): void {
  encoding.writeVarUint(w, endings.size);
  for (const [client, ranges] of endings) {
    encoding.writeVarUint(w, client);
    encoding.writeVarUint(w, ranges.length);
    for (const { clock, end } of ranges) {
      encoding.writeVarUint(w, clock);
      encoding.writeVarUint(w, end - clock);
    }
  }
}
