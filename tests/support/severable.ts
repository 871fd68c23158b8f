/**
 * A line between a server and what it leans on (PostgreSQL, Redis) that a test cuts, and mends: as when the other end is
 * stopped and started, or when a network swallows what passes.
 */

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type NetConnectOpts, type Socket } from 'node:net';

export class Line {
  readonly port: number;
  #state: 'open' | 'cut' | 'swallowing' = 'open';
  readonly #sockets = new Set<Socket>();
  readonly #close: () => void;

  private constructor(port: number, close: () => void) {
    this.port = port;
    this.#close = close;
  }

  static async to(target: NetConnectOpts): Promise<Line> {
    const server = createServer((near) => {
      if (line.#state === 'cut') {
        near.destroy();
        return;
      }
      const far = connect(target);
      const pass = (from: Socket, to: Socket): void => {
        line.#sockets.add(from);
        from.on('data', (bytes: Buffer) => {
          if (line.#state !== 'swallowing') to.write(bytes);
        });
        from.on('error', () => undefined);
        from.on('close', () => {
          line.#sockets.delete(from);
          to.destroy();
        });
      };
      pass(near, far);
      pass(far, near);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const line: Line = new Line((server.address() as AddressInfo).port, () => server.close());
    return line;
  }

  /** As when the other end is stopped: connections end, and none is taken. */
  cut(): void {
    this.#state = 'cut';
    for (const socket of this.#sockets) socket.destroy();
  }

  /** What is said from now on is lost, and nobody is told. */
  swallow(): void {
    this.#state = 'swallowing';
  }

  mend(): void {
    this.#state = 'open';
  }

  close(): void {
    this.cut();
    this.#close();
  }
}

/** A line to the server of this URL, and the URL through it. */
export async function severable(url: string): Promise<{ line: Line; url: string }> {
  const through = new URL(url);
  const folder = through.searchParams.get('host');
  const line = await Line.to(
    folder !== null
      ? { path: `${folder}/.s.PGSQL.5432` }
      : { host: through.hostname, port: Number(through.port || (url.startsWith('redis') ? 6379 : 5432)) },
  );
  through.searchParams.delete('host');
  through.hostname = '127.0.0.1';
  through.port = String(line.port);
  return { line, url: through.href };
}
