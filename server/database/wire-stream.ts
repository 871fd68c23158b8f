/** The socket that `pg` believes it has: PostgreSQL's wire protocol over the message port of a worker thread. */

import { Duplex } from 'node:stream';

interface Chunk {
  readonly chunk: Buffer;
}

export class WireStream extends Duplex {
  readonly #send: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly #gone: () => void;

  /**
   * @param send takes whole protocol messages: what `pg` writes at once stays together
   * @param gone called once, when the connection is over
   */
  constructor(send: (bytes: Uint8Array<ArrayBuffer>) => void, gone: () => void) {
    super();
    this.#send = send;
    this.#gone = gone;
  }

  /** What the database answers. */
  receive(bytes: Uint8Array<ArrayBuffer>): void {
    this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  // The part of net.Socket that `pg` calls.
  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  override _read(): void {
    // The worker sends without being asked.
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#send(new Uint8Array(chunk));
    done();
  }
  override _writev(chunks: Chunk[], done: () => void): void {
    this.#send(new Uint8Array(Buffer.concat(chunks.map(({ chunk }) => chunk))));
    done();
  }
  override _final(done: () => void): void {
    this.push(null);
    done();
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#gone();
    done(error);
  }
}
