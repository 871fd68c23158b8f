// People who join a running Marginalia by its link, each from an address of his own, as in a real group.
import { request } from 'node:http';
import { inTurns } from './measure.mjs';

/** Loopback has 16 million addresses: what the server counts by address counts each person alone. */
const addressOf = (n) => `127.0.${1 + Math.floor(n / 250)}.${1 + (n % 250)}`;

/** An HTTP request from this address: `{status, headers, body, bytes}`, `bytes` being all that came over the wire. */
export function ask(url, { method = 'GET', headers = {}, body, from }) {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, localAddress: from, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode,
          headers: answer.headers,
          body: Buffer.concat(parts),
          bytes: asked.socket.bytesRead,
        }),
      );
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

async function read(url, options) {
  const { status, headers, body } = await ask(url, options);
  if (status !== 200 && status !== 201) throw new Error(`${url}: ${status} ${body}`);
  return { headers, json: JSON.parse(body.toString()) };
}

async function join({ url, code }, n) {
  const from = addressOf(n);
  const { headers, json } = await read(`${url}/api/join/${code}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ name: `Reader ${n}` }),
    from,
  });
  const cookie = headers['set-cookie'][0].split(';', 1)[0];
  const get = async (path) => (await read(url + path, { headers: { cookie }, from })).json;
  const { items } = await get('/api/documents');
  const { layers } = await get(`/api/documents/${items[0].id}`);
  const room = (wanted) => `layer:${layers.find(({ kind }) => kind === wanted).id}`;
  return { id: json.user.id, cookie, from, room: room('shared'), own: room('private') };
}

/** So many people of one group: `{id, cookie, from, room, own}`, `room` being the shared layer, `own` one's private one. */
export async function joinAll(server, count) {
  const first = await join(server, 0);
  const others = await inTurns(
    Array.from({ length: count - 1 }, (_, i) => i + 1),
    10,
    (n) => join(server, n),
  );
  return [first, ...others];
}
