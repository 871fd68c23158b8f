/**
 * One WebSocket, as a door uses it: what waits to be sent is bounded, and so is what is read. A reader who does not keep
 * up is sent nothing more, and nothing of his is read, until all that waits has gone out; then the door is told, so that
 * he can be given what he missed. Others wait for nobody.
 */

import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';

/** Bytes that may wait for a reader; past them he is behind. */
export const backlogBytes = 1024 * 1024;
/** Bytes of a message of somebody whom we do not know yet, and of somebody who is in no room. */
export const messageOf = { stranger: 16 * 1024, guest: 1024 * 1024 };
/** Milliseconds that a message of one connection is worth, and how far ahead of that it may get: then it is not read. */
const aMessage = 0.2;
const ahead = 100;
/** Updates of one connection that may wait for their commit; more are not read until some have got it. */
const mostUnderWay = 64;

/** Milliseconds that a client has to answer our closing; who does not read never does. */
const closing = 2_000;

/** What ws keeps for itself. */
interface Inside {
  _socket: (Socket & { _handle?: { bytesWritten: number; writeQueueSize: number } | null }) | null;
  _closeTimeout: number;
  _receiver: { _maxPayload: number; prependListener(event: 'error', listener: () => void): void };
}

type Reason = 'behind' | 'flood' | 'under way' | 'unknown';

export class Line {
  readonly ws: WebSocket;
  readonly #socket: Inside['_socket'];
  readonly #emptied: () => void;
  readonly #reasons = new Set<Reason>();
  #waiting: (() => void)[] = [];
  #underWay = 0;
  /** When it would have sent all that came, at the pace that is read. */
  #paid = 0;
  #alive = true;
  #read = 0;

  /** @param emptied called when somebody who was behind has read all that waited for him. */
  constructor(ws: WebSocket, emptied: () => void) {
    this.ws = ws;
    this.#socket = (ws as unknown as Inside)._socket;
    (ws as unknown as Inside)._closeTimeout = closing;
    this.#emptied = emptied;
    ws.on('pong', () => (this.#alive = true));
    ws.once('close', () => this.#goOn());
  }

  get open(): boolean {
    return this.ws.readyState === this.ws.OPEN;
  }

  /** Too much waits for this reader. */
  get behind(): boolean {
    if (!this.#reasons.has('behind') && this.ws.bufferedAmount > backlogBytes) this.#fallBehind();
    return this.#reasons.has('behind');
  }

  /** Writes a frame that was made for many. False: the reader is behind, and it was not sent. */
  relay(frame: Buffer): boolean {
    if (this.behind) return false;
    if (this.open) this.#socket?.write(frame);
    return true;
  }

  /** Writes what this reader alone asked for, however much waits. */
  answer(frame: Buffer): void {
    if (this.open) this.#socket?.write(frame);
  }

  /** Resolves when this reader is not behind, or gone. For answers that may be large: one at a time. */
  clear(): Promise<void> {
    if (!this.behind || !this.open) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Bytes of the largest message that is read from now on. */
  takes(bytes: number): void {
    (this.ws as unknown as Inside)._receiver._maxPayload = bytes;
  }

  /** Calls back in the turn in which a message is found to be larger, before ws closes with 1009. */
  onTooLarge(listener: () => void): void {
    (this.ws as unknown as Inside)._receiver.prependListener('error', listener);
  }

  /** Nothing is read until `known` is called: what comes waits with its sender. */
  unknown(): void {
    this.#pause('unknown');
  }
  known(): void {
    this.#resume('unknown');
  }

  /** A message came. */
  came(): void {
    this.#alive = true;
    const now = performance.now();
    this.#paid = Math.max(this.#paid, now) + aMessage;
    if (this.#paid - now > ahead) this.rest(this.#paid - now);
  }

  /** Reads nothing for so many milliseconds, nor until what came is paid for: a chunk that is read may hold thousands. */
  rest(ms: number): void {
    if (this.#reasons.has('flood')) return;
    this.#pause('flood');
    const over = (): void => {
      const wait = this.#paid - performance.now();
      if (wait > 0) setTimeout(over, wait).unref();
      else this.#resume('flood');
    };
    setTimeout(over, ms).unref();
  }

  /** Counts work that is answered only when it is committed. */
  async during<T>(work: Promise<T>): Promise<T> {
    if (++this.#underWay >= mostUnderWay) this.#pause('under way');
    try {
      return await work;
    } finally {
      if (--this.#underWay <= mostUnderWay / 2) this.#resume('under way');
    }
  }

  /** Called every half minute or so: ends a connection that has shown no life since the last time, and asks for a sign. */
  heartbeat(): void {
    const { bytesWritten = 0, writeQueueSize = 0 } = this.#socket?._handle ?? {};
    const read = bytesWritten - writeQueueSize;
    // Who is behind is not read: he shows that he lives by reading.
    const behind = this.behind;
    if (behind ? read === this.#read : !this.#alive) return this.ws.terminate();
    this.#read = read;
    this.#alive = this.#reasons.size > 0;
    if (this.open && !behind) this.ws.ping();
  }

  #fallBehind(): void {
    this.#pause('behind');
    this.#socket?.once('drain', () => {
      this.#resume('behind');
      this.#alive = true;
      if (this.open) this.#emptied();
      this.#goOn();
    });
  }

  #goOn(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  #pause(reason: Reason): void {
    this.#reasons.add(reason);
    this.ws.pause();
  }

  #resume(reason: Reason): void {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) this.ws.resume();
  }
}
