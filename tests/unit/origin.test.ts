import { describe, expect, test } from 'vitest';
import { createOrigins } from '../../server/access/origin.js';

const local = createOrigins({ host: '127.0.0.1', port: () => 3000, addresses: () => ['192.168.1.5'] });
const open = createOrigins({
  host: '0.0.0.0',
  port: () => 3000,
  addresses: () => ['192.168.1.5', '[fe80::1]'],
});
const published = createOrigins({
  publicUrl: 'https://read.example.org/',
  host: '0.0.0.0',
  port: () => 3000,
});
const onEighty = createOrigins({ host: '127.0.0.1', port: () => 80 });

describe('hosts', () => {
  test.each([
    [local, 'localhost:3000', true],
    [local, 'LOCALHOST:3000', true],
    [local, '127.0.0.1:3000', true],
    [local, '[::1]:3000', true],
    [local, 'localhost:3001', false],
    [local, 'localhost', false],
    [local, '192.168.1.5:3000', false],
    [open, '192.168.1.5:3000', true],
    [open, '[fe80::1]:3000', true],
    [open, '192.168.1.6:3000', false],
    [open, 'localhost.evil.example:3000', false],
    [local, 'localhost:3000@evil.example', false],
    [local, 'evil.example/localhost:3000', false],
    [local, undefined, false],
    [local, '', false],
    [onEighty, 'localhost', true],
    [onEighty, 'localhost:80', true],
    [published, 'read.example.org', true],
    [published, 'read.example.org:443', true],
    [published, 'read.example.org:80', false],
    [published, 'localhost:3000', false],
  ])('[HTTP40, S1] %# %s is ours: %s', (origins, host, ours) => {
    expect(origins.isOurHost(host)).toBe(ours);
  });
});

describe('origins', () => {
  test.each([
    [local, 'http://localhost:3000', true],
    [local, 'http://127.0.0.1:3000', true],
    [local, 'https://localhost:3000', false],
    [local, 'http://localhost', false],
    [local, 'http://localhost:3000/', false],
    [local, 'null', false],
    [local, undefined, false],
    [published, 'https://read.example.org', true],
    [published, 'http://read.example.org', false],
    [published, 'https://read.example.org.evil.example', false],
    [published, 'http://localhost:3000', false],
  ])('[HTTP41] %# %s is ours: %s', (origins, origin, ours) => {
    expect(origins.isOurOrigin(origin)).toBe(ours);
  });

  const host = 'localhost:3000';
  const origin = 'http://localhost:3000';
  test.each([
    [{ host }, true],
    [{ host, origin }, true],
    [{ host, origin, 'sec-fetch-site': 'same-origin' }, true],
    [{ host, 'sec-fetch-site': 'none' }, true],
    [{ host, origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'cross-site' }, true],
    [{ host, origin, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'websocket' }, true],
    [{ host, origin: 'http://evil.example', 'sec-fetch-mode': 'websocket' }, false],
    [{ host, origin: 'http://evil.example' }, false],
    [{ host, origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' }, false],
    [{ host, origin, 'sec-fetch-site': 'cross-site' }, false],
    [{ host, origin, 'sec-fetch-site': 'same-site' }, false],
    [{ host, 'sec-fetch-site': 'cross-site' }, false],
    [{ host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'websocket' }, false],
    [{ host, origin: 'null' }, false],
  ])('[HTTP42] %# %j may act: %s', (headers, may) => {
    expect(local.mayAct(headers)).toBe(may);
  });

  test('[HTTP43] the base is PUBLIC_URL, else localhost with the real port', () => {
    expect(local.base).toBe('http://localhost:3000');
    expect(onEighty.base).toBe('http://localhost');
    expect(published.base).toBe('https://read.example.org');
  });
});
