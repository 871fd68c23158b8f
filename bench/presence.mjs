// 500 readers who all move their selection: what it costs the server, through each door. A y-websocket client sends what
// it hears of others back to the server, and so do these.
import * as encoding from 'lib0/encoding';
import { digits, goal, inTurns, medians, pause, until } from './measure.mjs';
import { newFolder, removeFolder } from './processes.mjs';

const readers = 500;
const people = 100;
/** Milliseconds between two moves of one reader. */
const every = 100;

const selection = (n) => ({ selection: { from: n * 3, to: n * 3 + 40 } });

/** How a reader of each door says where he is, and how it is seen that he hears of others. */
function mover(connection, room, i, heard) {
  if (connection.other) {
    const client = 1 + i;
    let clock = 0;
    connection.other = (type, data) => {
      if (type !== 1) return;
      heard(i);
      connection.socket.send(data);
    };
    return (n) => {
      const list = encoding.createEncoder();
      encoding.writeVarUint(list, 1);
      encoding.writeVarUint(list, client);
      encoding.writeVarUint(list, ++clock);
      encoding.writeVarString(list, JSON.stringify(selection(n)));
      const message = encoding.createEncoder();
      encoding.writeVarUint(message, 1);
      encoding.writeVarUint8Array(message, encoding.toUint8Array(list));
      connection.socket.send(encoding.toUint8Array(message));
    };
  }
  connection.socket.on('message', (data, binary) => {
    if (!binary && data.includes('"presence"')) heard(i);
  });
  return (n) => connection.socket.send(`42["presence:set",${JSON.stringify({ room, state: selection(n) })}]`);
}

async function measure(way, seconds) {
  const folder = newFolder();
  const server = await way.start(folder);
  const who = await server.people(people);
  const { room } = who[0];
  const hearing = new Set();
  let ended = '';
  const all = await inTurns(Array.from({ length: readers }), 25, async (_, i) => {
    const connection = new way.connection(server, who[i % people], room);
    await connection.open();
    connection.closed = (code, reason) => (ended = `${code} ${reason}`);
    return { connection, move: mover(connection, room, i, (reader) => hearing.add(reader)) };
  });
  const moving = async (duration) => {
    const started = performance.now();
    await Promise.all(
      all.map(async ({ move }, i) => {
        for (let n = 0; n * every < duration; n++) {
          await until(started + n * every + (i * every) / readers);
          move(n);
        }
      }),
    );
  };
  await moving(3_000);
  hearing.clear();
  const cpu = server.cpu();
  const started = performance.now();
  await moving(seconds * 1000);
  const share = (server.cpu() - cpu) / ((performance.now() - started) / 1000);
  await pause(2_500);
  if (ended !== '') throw new Error(`${way.name}: a reader was closed: ${ended}`);
  if (hearing.size !== readers)
    throw new Error(`${way.name}: ${hearing.size} of ${readers} readers heard of the others`);
  for (const { connection } of all) connection.close();
  await server.stop();
  removeFolder(folder);
  return { share };
}

export async function presence({ quick, runs, doors }) {
  const rows = [];
  const goals = [];
  for (const way of doors) {
    const all = [];
    for (let run = 0; run < runs; run++) all.push(await measure(way, quick ? 4 : 8));
    const { share } = medians(all);
    rows.push([way.name, digits(share, 3)]);
    goals.push(
      goal(`${readers} readers moving their selection, share of a core (${way.name})`, {
        figure: share,
        most: 0.1,
      }),
    );
  }
  return {
    title: `Presence: ${readers} readers, each moving ${1000 / every} times a second`,
    head: ['door', 'share of a core'],
    rows,
    note: 'The peers pass every move to everybody at once, 2.5 million messages a second: none of them can.',
    goals,
  };
}
