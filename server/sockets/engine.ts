/**
 * One Engine.IO connection below a Socket.IO one: written to past the engine where that changes nothing, because the
 * engine spends more on a message than the socket does. Its WebSocket is a `Line`; one that polls has none.
 */

import { Encoder, PacketType } from 'socket.io-parser';
import type { Socket } from 'socket.io';
import type { WebSocket } from 'ws';
import type { ServerToClient } from '#core/wire.js';
import { frameOf } from './frame.js';
import { Line, messageOf } from './line.js';
import type { RoomDecoder } from './room-decoder.js';

/** What Engine.IO and Socket.IO keep for themselves. */
interface Connection {
  readonly readyState: string;
  readonly writeBuffer: readonly unknown[];
  readonly transport: { readonly name: string; readonly socket: WebSocket; maxHttpBufferSize: number };
  on(event: 'upgrade' | 'data', listener: (data: unknown) => void): void;
  once(event: 'close' | 'drain', listener: () => void): void;
  close(discard?: boolean): void;
}
interface Client {
  readonly conn: Connection;
  readonly decoder: RoomDecoder;
  writeToEngine(packets: readonly string[], options: object): void;
}

/** Packets that may wait for a client that does not poll. */
const mostWaiting = 1_000;

type Event = keyof ServerToClient;

/** An event for many, encoded once: both its frames are one write. */
export interface Encoded {
  readonly frame: Buffer;
  readonly event: Event;
  readonly message: Parameters<ServerToClient[Event]>[0];
}

const encoder = new Encoder();

export function encoded<E extends Event>(event: E, message: Parameters<ServerToClient[E]>[0]): Encoded {
  const packet = { type: PacketType.EVENT, nsp: '/', data: [event, message] };
  const [text, ...binaries] = encoder.encode(packet) as [string, ...Buffer[]];
  const frames = [
    frameOf(Buffer.from(`4${text}`), 'text'),
    ...binaries.map((data) => frameOf(data, 'binary')),
  ];
  return { frame: Buffer.concat(frames), event, message };
}

export class Engine {
  readonly #connection: Connection;
  readonly #emptied: () => void;
  #line: Line | null = null;
  #takes = messageOf.stranger;

  constructor(connection: object, emptied: () => void) {
    this.#connection = connection as Connection;
    this.#emptied = emptied;
    this.#connection.on('upgrade', () => this.#attach());
    this.#connection.on('data', () => this.#line?.came());
    this.#attach();
  }

  /** Null while the client polls. */
  get line(): Line | null {
    return this.#line;
  }

  /** Bytes of the largest message that is read from now on. */
  takes(bytes: number): void {
    this.#takes = bytes;
    if (this.#line) this.#line.takes(bytes);
    else this.#connection.transport.maxHttpBufferSize = bytes;
  }

  /** Resolves when nothing large waits to be sent, or the connection is gone. */
  async clear(): Promise<void> {
    const connection = this.#connection;
    while (connection.readyState === 'open' && (connection.writeBuffer.length > 0 || this.#line?.behind)) {
      if (this.#line?.behind) await this.#line.clear();
      else
        await new Promise<void>((resolve) => {
          connection.once('drain', resolve);
          connection.once('close', resolve);
        });
    }
  }

  onceClosed(listener: () => void): void {
    this.#connection.once('close', listener);
  }

  close(): void {
    this.#connection.close();
  }

  /** False: the reader is behind, and it was not sent. In the order in which it and everything else was sent. */
  post(socket: Socket, { frame, event, message }: Encoded): boolean {
    const { readyState, writeBuffer } = this.#connection;
    if (readyState !== 'open') return true;
    if (!this.#line) {
      if (writeBuffer.length > mostWaiting) this.#connection.close(true);
      else socket.emit(event, message);
      return true;
    }
    if (writeBuffer.length === 0) return this.#line.relay(frame);
    if (this.#line.behind) return false;
    (socket.client as unknown as Client).writeToEngine([''], {
      preEncoded: true,
      wsPreEncodedFrame: [frame],
    });
    return true;
  }

  /** A message that is too large to be read was answered, before the connection is closed for it. */
  onTooLarge(socket: Socket, refusal: object): void {
    this.#line?.onTooLarge(() => {
      const { decoder } = socket.client as unknown as Client;
      const packet = { type: PacketType.ACK, nsp: '/', id: decoder.awaited, data: [refusal] };
      if (packet.id === null) return;
      const [text] = encoder.encode(packet as never) as [string];
      this.#line?.answer(frameOf(Buffer.from(`4${text}`), 'text'));
    });
  }

  #attach(): void {
    const { transport } = this.#connection;
    if (transport.name !== 'websocket') {
      transport.maxHttpBufferSize = this.#takes;
      return;
    }
    this.#line = new Line(transport.socket, this.#emptied);
    this.#line.takes(this.#takes);
  }
}
