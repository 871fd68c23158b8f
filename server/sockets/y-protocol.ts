/**
 * The messages of the y-websocket protocol, written and read side by side.
 *
 *   message    = sync | awareness | queryAwareness
 *   sync       = 0 (step1 stateVector | step2 update | update update)     step1 = 0, step2 = 1, update = 2
 *   awareness  = 1 length { count { clientId clock json } }
 *   queryAwareness = 3
 *
 * Numbers are lib0 varints, byte strings and JSON are length-prefixed.
 */

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

export type Message =
  | { readonly type: 'step1'; readonly stateVector: Uint8Array }
  | { readonly type: 'step2' | 'update'; readonly update: Uint8Array }
  | { readonly type: 'awareness'; readonly states: Uint8Array }
  | { readonly type: 'queryAwareness' };

export interface AwarenessEntry {
  readonly client: number;
  readonly clock: number;
  /** JSON; null: gone. */
  readonly state: unknown;
}

const sync = 0;
const awareness = 1;
const queryAwareness = 3;
const steps = ['step1', 'step2', 'update'] as const;

/** Null for what is no message of this protocol. */
export function readMessage(bytes: Uint8Array): Message | null {
  try {
    const decoder = decoding.createDecoder(bytes);
    switch (decoding.readVarUint(decoder)) {
      case sync: {
        const step = steps[decoding.readVarUint(decoder)];
        if (!step) return null;
        const body = decoding.readVarUint8Array(decoder);
        return step === 'step1' ? { type: step, stateVector: body } : { type: step, update: body };
      }
      case awareness:
        return { type: 'awareness', states: decoding.readVarUint8Array(decoder) };
      case queryAwareness:
        return { type: 'queryAwareness' };
      default:
        return null;
    }
  } catch {
    return null;
  }
}

export function writeSync(step: (typeof steps)[number], body: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, sync);
  encoding.writeVarUint(encoder, steps.indexOf(step));
  encoding.writeVarUint8Array(encoder, body);
  return encoding.toUint8Array(encoder);
}

/**
 * The entries that `wanted` accepts by their client id; the JSON of the others is not parsed. Ends quietly at the
 * first entry that cannot be read, or at `most`.
 */
export function* readAwareness(
  states: Uint8Array,
  wanted: (client: number) => boolean,
  most: number,
): Generator<AwarenessEntry & { readonly bytes: number }> {
  try {
    const decoder = decoding.createDecoder(states);
    const count = Math.min(decoding.readVarUint(decoder), most);
    for (let i = 0; i < count; i++) {
      const client = decoding.readVarUint(decoder);
      const clock = decoding.readVarUint(decoder);
      const json = decoding.readVarUint8Array(decoder);
      if (wanted(client))
        yield {
          client,
          clock,
          bytes: json.length,
          state: JSON.parse(new TextDecoder().decode(json)) as unknown,
        };
    }
  } catch {
    return;
  }
}

/**
 * The client id of the first entry of an awareness message, from its first bytes; null where it is no such message, and
 * -1 where it holds no entry. Clients echo what they hear, message by message, so this tells an echo.
 */
export function firstClient(bytes: Uint8Array): number | null {
  if (bytes[0] !== awareness) return null;
  try {
    const decoder = decoding.createDecoder(bytes);
    decoder.pos = 1;
    decoding.readVarUint(decoder);
    return decoding.readVarUint(decoder) === 0 ? -1 : decoding.readVarUint(decoder);
  } catch {
    return -1;
  }
}

/** One entry, as it stands in a message. */
export function writeEntry({ client, clock, state }: AwarenessEntry): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, client);
  encoding.writeVarUint(encoder, clock);
  encoding.writeVarString(encoder, JSON.stringify(state));
  return encoding.toUint8Array(encoder);
}

/** A message of entries that are written already. */
export function joinEntries(entries: readonly Uint8Array[]): Uint8Array {
  const count = encoding.createEncoder();
  encoding.writeVarUint(count, entries.length);
  let length = encoding.length(count);
  for (const entry of entries) length += entry.length;
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, awareness);
  encoding.writeVarUint(encoder, length);
  encoding.writeUint8Array(encoder, encoding.toUint8Array(count));
  for (const entry of entries) encoding.writeUint8Array(encoder, entry);
  return encoding.toUint8Array(encoder);
}

export const writeAwareness = (entries: readonly AwarenessEntry[]): Uint8Array =>
  joinEntries(entries.map(writeEntry));
