/** How large a message a connection in a room may send: what the room takes, and a little for the envelope. */

import { messageOf } from './line.js';

const most = 16 * 1024 * 1024;
const envelope = 64 * 1024;

export const mostBytes = ({ took }: { readonly took: number }): number =>
  Math.min(most, messageOf.guest + took) + envelope;
