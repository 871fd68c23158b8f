/**
 * How large a message a connection in a room may send: all that it holds already, the most of new work that the gate
 * takes at once, and a little for the envelope.
 */

const most = 16 * 1024 * 1024;
const envelope = 64 * 1024;

export const mostBytes = ({ took }: { readonly took: number }): number => most + took + envelope;
