// A hostile member, in a process of its own: sends at full speed for some seconds, and comes back at once when it is closed.
import { setImmediate as turn } from 'node:timers/promises';
import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { syncMessage } from './connections.mjs';
import { pause } from './measure.mjs';
import { bySocketIo, byYWebsocket } from './servers.mjs';
import { comment, uuid, Writer } from './work.mjs';

const { url, person, victim, room, about, kind, milliseconds } = JSON.parse(process.argv[2]);

/** Bytes that wait to be sent: the server decides how fast it reads. */
const backlog = 1024 * 1024;
/** Messages between two looks at what comes back. */
const together = 50;

const awareness = (n) => {
  const list = encoding.createEncoder();
  for (const number of [1, 77, n]) encoding.writeVarUint(list, number);
  encoding.writeVarString(list, JSON.stringify({ at: 'x'.repeat(200), n }));
  const message = encoding.createEncoder();
  encoding.writeVarUint(message, 1);
  encoding.writeVarUint8Array(message, encoding.toUint8Array(list));
  return encoding.toUint8Array(message);
};

const me = new Writer(person.id);
const forger = new Writer(victim);
const forged = Array.from({ length: 100 }, (_, n) => forger.comment(about, n));
const once = me.together(() => {
  for (let n = 0; n < 100; n++) me.doc.getMap('comments').set(uuid(), comment(person.id, about, n));
});
const large = (n) =>
  me.together(() => {
    for (let i = 0; i < 80; i++)
      me.doc.getMap('comments').set(uuid(), comment(person.id, about, n, 'long words '.repeat(900)));
  });
const everything = syncMessage(0, Y.encodeStateVector(new Y.Doc()));

/** By kind of hostility: the door, and how the n-th message is sent. */
const kinds = {
  'refused updates': [bySocketIo, (connection, n) => connection.send(forged[n % forged.length])],
  'large updates': [bySocketIo, (connection, n) => connection.send(large(n))],
  'the same update again': [bySocketIo, (connection) => connection.send(once)],
  awareness: [byYWebsocket, (connection, n) => connection.socket.send(awareness(n + 1))],
  'tiny messages': [byYWebsocket, (connection) => connection.socket.send(Uint8Array.of(3))],
  'asking for everything': [byYWebsocket, (connection) => connection.socket.send(everything)],
};
const [way, send] = kinds[kind];

let sent = 0;
let closed = 0;
const end = performance.now() + milliseconds;
while (performance.now() < end) {
  const connection = new way.connection({ url }, person, room);
  let open = true;
  connection.closed = () => {
    open = false;
    closed++;
  };
  try {
    await connection.open();
  } catch {
    closed++;
    await pause(20);
    continue;
  }
  while (open && performance.now() < end) {
    for (let i = 0; i < together && open && connection.socket.bufferedAmount < backlog; i++)
      send(connection, sent++);
    await turn();
  }
  connection.close();
}
process.send({ sent, closed }, () => process.exit(0));
