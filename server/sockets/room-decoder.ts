/**
 * Socket.IO's parser, made for what this door takes: events with one binary at most, and presence, which comes often, as
 * the text that it is: it is parsed when somebody is to be told of it.
 */

import { Decoder, PacketType } from 'socket.io-parser';

const presence = '2["presence:set",';

export class RoomDecoder extends Decoder {
  #header = '';

  constructor() {
    super({ maxAttachments: 1 });
  }

  override add(data: unknown): void {
    if (typeof data === 'string') {
      if (data.startsWith(presence)) {
        const packet = { type: PacketType.EVENT, nsp: '/', data: ['presence:set', data.slice(1)] };
        this.emitReserved('decoded', packet);
        return;
      }
      this.#header = data;
    }
    super.add(data);
  }

  /** Of the event whose binary is still to come: the number by which it wants to be answered. */
  get awaited(): number | null {
    const id = /^51-(\d+)\[/.exec(this.#header)?.[1];
    return id === undefined ? null : Number(id);
  }
}
