/** WebSocket frames that are made once and written to many sockets. Only for sockets without compression. */

import * as ws from 'ws';

/** Exported by ws, and missing from its types. */
const { Sender } = ws as unknown as { Sender: { frame(data: Buffer, options: object): Buffer[] } };

const opcodes = { text: 1, binary: 2 } as const;

export function frameOf(data: Uint8Array, kind: keyof typeof opcodes): Buffer {
  const payload = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const options = { readOnly: true, mask: false, rsv1: false, opcode: opcodes[kind], fin: true };
  return Buffer.concat(Sender.frame(payload, options));
}
