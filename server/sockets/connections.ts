/** How many sockets one person and one address may have open, over both doors. */

import { ipKeyGenerator } from 'express-rate-limit';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** One tab is one, a client of the y-websocket kind one a room; scripts with many rooms have the most. */
const aPerson = 512;
/** A whole school may read from behind one address. */
const anAddress = 1_024;

/** Gives the place back. May be called again. */
export type Release = () => void;

const proxies = new BlockList();
for (const [network, prefix, family] of [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
] as const)
  proxies.addSubnet(network, prefix, family);
const isProxy = (address: string): boolean => proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/, '');
const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');

/**
 * Who is at the other end. Behind a proxy it is the last address in `X-Forwarded-For` that is not of a network of our
 * own, as HTTP reads it too: whatever stands before it was written by the client.
 */
export function addressOf({ socket, headers }: IncomingMessage, behindProxy: boolean): string {
  let address = plain(socket.remoteAddress ?? '');
  if (!behindProxy) return address;
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  for (const before of forwarded.map((one) => plain(one.trim())).reverse()) {
    if (!isIP(address) || !isProxy(address) || !isIP(before)) break;
    address = before;
  }
  return address;
}

export class Connections {
  readonly #behindProxy: boolean;
  readonly #limits: { readonly person: number; readonly address: number };
  readonly #open = new Map<string, number>();

  constructor(options: { behindProxy: boolean; person?: number; address?: number }) {
    this.#behindProxy = options.behindProxy;
    this.#limits = { person: options.person ?? aPerson, address: options.address ?? anAddress };
  }

  /** Null: the address has as many open as it may. The machine itself is not counted: who is on it can do worse. */
  fromAddress(request: IncomingMessage): Release | null {
    const address = addressOf(request, this.#behindProxy);
    if (isLoopback(address)) return () => undefined;
    return this.#take(`address ${isIP(address) ? ipKeyGenerator(address) : address}`, this.#limits.address);
  }

  ofPerson(id: string): Release | null {
    return this.#take(`person ${id}`, this.#limits.person);
  }

  #take(who: string, most: number): Release | null {
    const open = this.#open.get(who) ?? 0;
    if (open >= most) return null;
    this.#open.set(who, open + 1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.#open.get(who) ?? 1) - 1;
      if (left > 0) this.#open.set(who, left);
      else this.#open.delete(who);
    };
  }
}
