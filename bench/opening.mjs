// How a reader opens a room: over a socket alone, or as the page does, with the state over HTTP and then a join.
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import * as decoding from 'lib0/decoding';
import * as Y from 'yjs';
import { Arrivals } from './large-layer.mjs';
import { within } from './measure.mjs';
import { ask } from './people.mjs';

const inflate = promisify(brotliDecompress);
const patience = 30_000;

const incomplete = (name, arrivals) => () => `${name}: ${arrivals.missing} entries have not come`;

/** Opens a socket and waits until everything from entry `first` on is there: `{took, bytes}`, milliseconds and bytes. */
export async function openSocket(way, server, person, room, layer, { since, first = 0 } = {}) {
  const arrivals = new Arrivals(first, layer.entries);
  const connection = new way.connection(server, person, room);
  connection.hear = (data) => arrivals.take(data);
  const started = performance.now();
  const [at] = await within(
    patience,
    Promise.all([arrivals.complete, connection.open(since)]),
    way.name,
  ).catch((error) => {
    throw new Error(`${incomplete(way.name, arrivals)()}: ${error.message}`, { cause: error });
  });
  const { bytes } = connection;
  connection.close();
  return { took: at - started, bytes };
}

/** The pieces of a state, each behind its length. */
function* readPieces(bytes) {
  const decoder = decoding.createDecoder(bytes);
  while (decoding.hasContent(decoder)) yield decoding.readVarUint8Array(decoder);
}

/** As one state vector, what these updates hold. */
function vectorOf(pieces) {
  const clocks = new Map();
  for (const piece of pieces)
    for (const [client, clock] of Y.parseUpdateMeta(piece).to)
      clocks.set(client, Math.max(clock, clocks.get(client) ?? 0));
  return Y.encodeStateVector(clocks);
}

/** Opens as the page does. A page that has all knows the state vector of all; one that lacks some works out its own. */
export async function openPage(way, server, person, room, layer) {
  const arrivals = new Arrivals(layer.first ?? 0, layer.entries);
  const started = performance.now();
  const headers = { cookie: person.cookie, 'accept-encoding': 'br' };
  const answer = await ask(`${server.url}/api/rooms/${room}/state?pieces`, { headers, from: person.from });
  if (answer.status !== 200 || answer.headers['content-encoding'] !== 'br')
    throw new Error(`the state came with ${answer.status}, ${answer.headers['content-encoding']}`);
  const pieces = [...readPieces(await inflate(answer.body))];
  for (const piece of pieces) arrivals.take(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
  const connection = new way.connection(server, person, room);
  connection.hear = (data) => arrivals.take(data);
  await within(patience, connection.open(arrivals.missing === 0 ? layer.whole : vectorOf(pieces)), 'joining');
  await within(patience, arrivals.complete, incomplete(way.name, arrivals)());
  const took = performance.now() - started;
  const bytes = answer.bytes + connection.bytes;
  connection.close();
  return { took, bytes };
}
