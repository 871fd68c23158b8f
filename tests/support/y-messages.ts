/** Messages of the y-websocket protocol as its client writes them. */

import * as encoding from 'lib0/encoding';

const steps = { step1: 0, step2: 1, update: 2 } as const;

export function syncMessage(step: keyof typeof steps, body: Uint8Array): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarUint(encoder, steps[step]);
  encoding.writeVarUint8Array(encoder, body);
  return encoding.toUint8Array(encoder);
}
