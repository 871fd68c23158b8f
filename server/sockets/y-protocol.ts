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

export function writeAwareness(entries: readonly AwarenessEntry[]): Uint8Array {
  const list = encoding.createEncoder();
  encoding.writeVarUint(list, entries.length);
  for (const { client, clock, state } of entries) {
    encoding.writeVarUint(list, client);
    encoding.writeVarUint(list, clock);
    encoding.writeVarString(list, JSON.stringify(state));
  }
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, awareness);
  encoding.writeVarUint8Array(encoder, encoding.toUint8Array(list));
  return encoding.toUint8Array(encoder);
}
