// Raw sockets, so that what is measured is the server and not a client library.
import WebSocket from 'ws';

/** Resolves when the socket is open. */
export const opened = (socket) =>
  new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });

/** A Socket.IO connection that has joined the room: Engine.IO 4 over WebSocket, an event and its binary as two frames. */
export function openSocketIo(url, { cookie, room }) {
  return new Promise((resolve, reject) => {
    const address = `${url.replace(/^http/, 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(address, { headers: { cookie, origin: url }, perMessageDeflate: false });
    socket.once('error', reject);
    socket.on('message', (data, binary) => {
      if (binary) return;
      const text = data.toString();
      if (text.startsWith('0')) socket.send('40');
      else if (text === '2') socket.send('3');
      else if (text.startsWith('40')) {
        socket.send(`451-0["room:join",{"room":"${room}","stateVector":{"_placeholder":true,"num":0}}]`);
        socket.send(new Uint8Array([0]));
      } else if (/^46\d-0\[/.test(text)) resolve(socket);
    });
  });
}

/** Sends an update and resolves when its acknowledgement comes; rejects when it is refused. */
export function sendUpdate(socket, room, update, id) {
  return new Promise((resolve, reject) => {
    const hear = (data, binary) => {
      if (binary || data[0] !== 52 || data[1] !== 51) return;
      const text = data.toString();
      if (!text.startsWith(`43${id}[`)) return;
      socket.off('message', hear);
      if (text.includes('"ok":true')) resolve();
      else reject(new Error(text));
    };
    socket.on('message', hear);
    socket.send(`451-${id}["room:update",{"room":"${room}","update":{"_placeholder":true,"num":0}}]`);
    socket.send(update);
  });
}
