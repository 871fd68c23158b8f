/**
 * Which hosts and pages are ours. A request for another host is a wrong address or a page that rebinds DNS; a request
 * that changes something, or a socket, from another page would act with the reader's cookie behind his back.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { networkInterfaces } from 'node:os';

export interface Origins {
  /** Where people find this server: `PUBLIC_URL`, else localhost. No slash at its end. */
  readonly base: string;
  /** Is this `Host` header ours? */
  isOurHost(host: string | undefined): boolean;
  /** Is this `Origin` header a page of ours? */
  isOurOrigin(origin: string | undefined): boolean;
  /** May a request with these headers change something, or open a socket? */
  mayAct(headers: IncomingHttpHeaders): boolean;
}

export interface OriginOptions {
  /** An http or https URL, as in `PUBLIC_URL`. */
  readonly publicUrl?: string | undefined;
  /** Where the server listens, as in `HOST`. */
  readonly host: string;
  /** The real port, known once the server listens. */
  readonly port: () => number;
  /** Addresses of this machine; for tests. */
  readonly addresses?: () => readonly string[];
}

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Is this address, as `HOST` or a URL writes it, one that only this machine reaches? */
export const isLoopback = (host: string): boolean => loopback.has(host) || host === '::1';

const machineAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address)),
  );

/** `host` or `host:port` in the form in which URLs write it; null for what no URL could hold. */
function asHost(scheme: 'http:' | 'https:', host: string): string | null {
  if (!/^[\w.:[\]-]+$/.test(host)) return null;
  return URL.canParse(`${scheme}//${host}`) ? new URL(`${scheme}//${host}`).host : null;
}

export function createOrigins({
  publicUrl,
  host,
  port,
  addresses = machineAddresses,
}: OriginOptions): Origins {
  const published = publicUrl === undefined ? null : new URL(publicUrl);

  const isLocal = (candidate: string): boolean => {
    const { hostname, port: given } = new URL(`http://${candidate}`);
    if (Number(given || 80) !== port()) return false;
    return loopback.has(hostname) || (!isLoopback(host) && addresses().includes(hostname));
  };

  const isOurHost = (header: string | undefined): boolean => {
    const asked =
      header === undefined ? null : asHost(published?.protocol === 'https:' ? 'https:' : 'http:', header);
    if (asked === null) return false;
    return published ? asked === published.host : isLocal(asked);
  };

  const isOurOrigin = (header: string | undefined): boolean => {
    if (header === undefined || !URL.canParse(header)) return false;
    const { origin, protocol, host: asked } = new URL(header);
    if (origin !== header) return false;
    return published ? origin === published.origin : protocol === 'http:' && isLocal(asked);
  };

  const mayAct = (headers: IncomingHttpHeaders): boolean => {
    const { origin } = headers;
    if (origin !== undefined && !isOurOrigin(origin)) return false;
    const site = headers['sec-fetch-site'];
    if (site === undefined || site === 'same-origin' || site === 'none') return true;
    if (origin === undefined) return false;
    // Browsers disagree on what the site of a WebSocket is, but all of them send its origin. And two names of one
    // server (localhost, 127.0.0.1) are two sites to a browser.
    return headers['sec-fetch-mode'] === 'websocket' || new URL(origin).host !== headers.host;
  };

  return {
    get base() {
      return published
        ? published.href.replace(/\/+$/, '')
        : `http://localhost${port() === 80 ? '' : `:${port()}`}`;
    },
    isOurHost,
    isOurOrigin,
    mayAct,
  };
}
