import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { addressOf, Connections } from '../../server/sockets/connections.js';

const request = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({
    socket: { remoteAddress },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;

describe('how many sockets', () => {
  it('[CONN1] a person may have open: one more is refused, and taken when one was closed', () => {
    const connections = new Connections({ behindProxy: false, person: 2 });
    const first = connections.ofPerson('anna');
    expect(connections.ofPerson('anna')).not.toBeNull();
    expect(connections.ofPerson('anna')).toBeNull();
    expect(connections.ofPerson('ben')).not.toBeNull();
    first?.();
    first?.();
    expect(connections.ofPerson('anna')).not.toBeNull();
    expect(connections.ofPerson('anna')).toBeNull();
  });

  it('[CONN2] an address may have open; a network of IPv6 is one address, the machine itself is not counted', () => {
    const connections = new Connections({ behindProxy: false, address: 1 });
    expect(connections.fromAddress(request('::ffff:192.0.2.7'))).not.toBeNull();
    expect(connections.fromAddress(request('192.0.2.7'))).toBeNull();
    expect(connections.fromAddress(request('2001:db8:1:2::1'))).not.toBeNull();
    expect(connections.fromAddress(request('2001:db8:1:2::2'))).toBeNull();
    for (let i = 0; i < 3; i++) expect(connections.fromAddress(request('127.0.0.1'))).not.toBeNull();
  });

  it.each([
    ['192.0.2.7', '198.51.100.1', false, '192.0.2.7'],
    ['192.0.2.7', '198.51.100.1', true, '192.0.2.7'],
    ['127.0.0.1', '198.51.100.1', true, '198.51.100.1'],
    ['10.0.0.2', '203.0.113.9, 198.51.100.1, 10.0.0.3', true, '198.51.100.1'],
    ['127.0.0.1', 'nonsense', true, '127.0.0.1'],
    ['127.0.0.1', undefined, true, '127.0.0.1'],
  ])(
    '[CONN3] %s with X-Forwarded-For %s, behind a proxy: %s, is %s',
    (remote, forwarded, behindProxy, address) =>
      expect(addressOf(request(remote, forwarded), behindProxy)).toBe(address),
  );
});
