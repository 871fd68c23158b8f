// Raw sockets that speak each server's protocol, so that what is measured is the server and not a client library.
// They keep no document: `hear` gets the bytes of every Yjs update that comes, the first answer's as well.
import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import WebSocket from 'ws';

const nothing = new Uint8Array([0]);

export class Connection {
  /** Bytes of each Yjs update that comes. */
  hear = () => {};
  /** The server says that it has one more of our updates; what that promises is the server's business. */
  acknowledged = () => {};
  /** Called when the server ends the connection. */
  closed = () => {};
  frames = 0;

  constructor(server, person, room) {
    this.server = server;
    this.person = person;
    this.room = room;
  }

  /** Resolves when the server has answered what it has beyond the state vector `since`. */
  open(since = nothing) {
    this.since = since;
    return new Promise((resolve, reject) => {
      this.synced = resolve;
      const { url } = this.server;
      const headers = this.person.cookie ? { cookie: this.person.cookie, origin: url } : {};
      const address = url.replace(/^http/, 'ws') + this.path();
      const socket = new WebSocket(address, { headers, localAddress: this.person.from });
      this.socket = socket;
      socket.binaryType = 'nodebuffer';
      socket.once('error', reject);
      socket.on('error', () => {});
      socket.once('open', () => {
        this.wire = socket._socket;
        this.greet();
      });
      socket.once('close', (code, reason) => {
        reject(new Error(`${this.constructor.name} closed: ${code} ${reason}`));
        this.closed(code, String(reason));
      });
      socket.on('message', (data, binary) => {
        this.frames++;
        this.receive(data, binary);
      });
    });
  }

  /** Bytes that came over the wire. */
  get bytes() {
    return this.wire.bytesRead;
  }

  close() {
    this.closed = () => {};
    this.socket.terminate();
  }
}

/** No protocol: every message is an update. */
export class RelayConnection extends Connection {
  path = () => `/${this.room}`;
  greet = () => this.synced();
  receive = (data) => this.hear(data);
  send = (update) => this.socket.send(update);
}

export const syncMessage = (step, body) => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  encoding.writeVarUint(encoder, step);
  encoding.writeVarUint8Array(encoder, body);
  return encoding.toUint8Array(encoder);
};

/** The y-websocket protocol, under the path where the server has it. */
export const yWebsocketConnection = (prefix) =>
  class YWebsocketConnection extends Connection {
    /** The body of other messages, by their type: awareness is 1. */
    other = () => {};
    path = () => `${prefix}/${this.room}`;
    greet = () => this.socket.send(syncMessage(0, this.since));
    send = (update) => this.socket.send(syncMessage(2, update));

    receive(data) {
      const decoder = decoding.createDecoder(data);
      const type = decoding.readVarUint(decoder);
      if (type !== 0) return this.other(type, data);
      const step = decoding.readVarUint(decoder);
      if (step === 0) return;
      this.hear(data.subarray(decoder.pos));
      if (step === 1) this.synced();
    }
  };

/** Hocuspocus: the same behind the room's name, and a status for each update. */
export class HocuspocusConnection extends Connection {
  path = () => '/';

  #message(...write) {
    const encoder = encoding.createEncoder();
    encoding.writeVarString(encoder, this.room);
    for (const one of write)
      if (typeof one === 'number') encoding.writeVarUint(encoder, one);
      else if (typeof one === 'string') encoding.writeVarString(encoder, one);
      else encoding.writeVarUint8Array(encoder, one);
    this.socket.send(encoding.toUint8Array(encoder));
  }

  greet() {
    this.#message(2, 0, 'token', '4.7.0');
    this.#message(0, 0, this.since);
  }

  send(update) {
    this.#message(0, 2, update);
  }

  receive(data) {
    const decoder = decoding.createDecoder(data);
    decoding.readVarUint8Array(decoder);
    const type = decoding.readVarUint(decoder);
    if (type === 8) return this.acknowledged();
    if (type !== 0 && type !== 4) return;
    const step = decoding.readVarUint(decoder);
    if (step === 0) return;
    this.hear(data.subarray(decoder.pos));
    if (step === 1) this.synced();
  }
}

/** Engine.IO 4 over WebSocket: an event and its binaries as one text frame and frames after it. */
class SocketIoConnection extends Connection {
  path = () => '/socket.io/?EIO=4&transport=websocket';
  greet() {}

  receive(data, binary) {
    if (binary) return this.binary(data);
    const text = data.toString();
    if (text.startsWith('0')) this.socket.send(`40${this.namespace()}`);
    else if (text === '2') this.socket.send('3');
    else if (text.startsWith('44')) this.socket.emit('error', new Error(text));
    else if (text.startsWith('40')) this.connected();
    else this.text(text);
  }
}

/** Asks again while the room loads: y-socket.io drops what comes meanwhile. */
const askAgain = 200;

export class YSocketIoConnection extends SocketIoConnection {
  #next = '';
  #answered = false;
  namespace = () => `/yjs|${this.room},`;

  connected() {
    if (this.#answered || this.socket.readyState !== WebSocket.OPEN) return;
    this.socket.send(`451-/yjs|${this.room},1["sync-step-1",{"_placeholder":true,"num":0}]`);
    this.socket.send(this.since);
    setTimeout(() => this.connected(), askAgain);
  }

  text(text) {
    this.#next = text.startsWith('461-') ? 'answer' : text.includes('"sync-update"') ? 'update' : '';
    if (this.#next === 'answer') this.#answered = true;
  }

  binary(data) {
    const what = this.#next;
    this.#next = '';
    if (what !== '') this.hear(data);
    if (what === 'answer') this.synced();
  }

  send(update) {
    this.socket.send(`451-/yjs|${this.room},["sync-update",{"_placeholder":true,"num":0}]`);
    this.socket.send(update);
  }
}

/** Marginalia's own events. */
export class MarginaliaConnection extends SocketIoConnection {
  #sent = 0;
  #waiting = new Map();
  /** How many binaries of the join's answer are still to come. */
  #binaries = 0;
  namespace = () => '';

  connected() {
    this.socket.send(
      `451-0["room:join",{"room":"${this.room}","stateVector":{"_placeholder":true,"num":0}}]`,
    );
    this.socket.send(this.since);
  }

  text(text) {
    this.#binaries = 0;
    const answer = /^4(?:3|6\d+-)(\d+)\[/.exec(text);
    if (!answer) return;
    const id = Number(answer[1]);
    if (id > 0) return this.#answer(id, text);
    if (!text.includes('"ok":true')) return void this.socket.emit('error', new Error(text));
    this.#binaries = Number(/^46(\d+)/.exec(text)?.[1] ?? 0);
    if (this.#binaries === 0) this.synced();
  }

  binary(data) {
    this.hear(data);
    if (this.#binaries > 0 && --this.#binaries === 0) this.synced();
  }

  /** Resolves once it is stored; rejects with the refusal. */
  send(update) {
    const id = ++this.#sent;
    this.socket.send(
      `451-${id}["room:update",{"room":"${this.room}","update":{"_placeholder":true,"num":0}}]`,
    );
    this.socket.send(update);
    const stored = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    stored.catch(() => {});
    return stored;
  }

  #answer(id, text) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (text.includes('"ok":true')) {
      this.acknowledged();
      waiting?.resolve();
    } else waiting?.reject(new Error(text));
  }
}
