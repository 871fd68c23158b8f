// What the others notice of a member who sends at full speed: the latency of their comments before and meanwhile.
import { fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { goal, inTurns, medians, ms, pause, quantiles, until, waitFor } from './measure.mjs';
import { inBench, newFolder, removeFolder } from './processes.mjs';
import { bySocketIo } from './servers.mjs';
import { marked, markersIn, Writer } from './work.mjs';

const kinds = [
  'refused updates',
  'large updates',
  'the same update again',
  'awareness',
  'tiny messages',
  'asking for everything',
];
const honest = 20;
/** Milliseconds between two comments of one honest person. */
const every = 500;
/** Annotations in the room, so that it is one that has been worked in. */
const annotations = 500;

/** Starts the attacker; what it did comes when it has ended. The processor is the others' first: the server is measured, not the machine. */
function attack(given) {
  const child = fork(inBench('attacker.mjs'), [JSON.stringify(given)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  let said = '';
  child.stderr.on('data', (bytes) => (said = (said + bytes).slice(-4000)));
  return new Promise((resolve, reject) => {
    child.on('message', resolve);
    child.once('exit', (code) => code !== 0 && reject(new Error(`the attacker ended with ${code}: ${said}`)));
  });
}

async function measure(kind, seconds) {
  const folder = newFolder();
  const server = await bySocketIo.start(folder);
  const people = await server.people(honest + 1);
  const enemy = people.pop();
  const { room } = people[0];
  const sent = [];
  let heard = [];
  let ended = '';
  const all = await inTurns(people, 10, async (person, i) => {
    const connection = new bySocketIo.connection(server, person, room);
    await connection.open();
    connection.closed = (code, reason) => (ended = `${code} ${reason}`);
    connection.hear = (data) => {
      const now = performance.now();
      for (const n of markersIn(data)) if (n % honest !== i) heard.push(now - sent[n]);
    };
    const writer = new Writer(person.id);
    let id = '';
    const update = writer.together(() => {
      for (let n = 0; n < annotations / honest; n++) ({ id } = writer.annotate(n));
    });
    await connection.send(update);
    let refused = '';
    const write = (n) => {
      const next = writer.comment(id, n, marked(n));
      sent[n] = performance.now();
      connection.send(next).catch((error) => (refused = error.message));
    };
    return { connection, write, id, refused: () => refused };
  });
  let next = 0;
  const work = async (duration) => {
    heard = [];
    const started = performance.now();
    const rounds = Math.floor(duration / every);
    const first = next;
    next += rounds * honest;
    await Promise.all(
      all.map(async ({ write }, i) => {
        for (let n = 0; n < rounds; n++) {
          await until(started + n * every + (i * every) / honest);
          write(first + n * honest + i);
        }
      }),
    );
    const expected = rounds * honest * (honest - 1);
    await waitFor(
      () => heard.length >= expected,
      20_000,
      () =>
        `${kind}: ${heard.length} of ${expected} delivered; ${ended}${all.map((one) => one.refused()).find(Boolean) ?? ''}`,
    );
    if (ended !== '') throw new Error(`${kind}: an honest reader was closed: ${ended}`);
    return quantiles(heard, 0.5, 0.99);
  };
  await work(2_000);
  const [, before] = await work(seconds * 1000);
  const attacking = attack({
    url: server.url,
    person: enemy,
    victim: people[0].id,
    room,
    about: all[0].id,
    kind,
    milliseconds: seconds * 1000 + 1_500,
  });
  // It takes a moment to be there.
  await pause(1_000);
  const [, during] = await work(seconds * 1000);
  const { sent: messages, closed } = await attacking;
  for (const { connection } of all) connection.close();
  await server.stop();
  removeFolder(folder);
  if (messages === 0) throw new Error(`${kind}: the attacker sent nothing`);
  return { before, during, ratio: during / before, messages, closed };
}

export async function hostile({ quick, runs }) {
  const rows = [];
  const goals = [];
  for (const kind of kinds) {
    const all = [];
    for (let run = 0; run < runs; run++) all.push(await measure(kind, quick ? 3 : 10));
    const { before, during, ratio, messages, closed } = medians(all);
    rows.push([kind, messages, closed, ms(before), ms(during), ratio.toFixed(2)]);
    goals.push(goal(`a hostile member (${kind}): p99 of the others to before`, { figure: ratio, most: 2 }));
  }
  return {
    title: `A hostile member at full speed, ${honest} others who each write every ${every} ms`,
    head: ['what he sends', 'messages', 'times closed', 'p99 before ms', 'p99 meanwhile ms', 'ratio'],
    rows,
    goals,
  };
}
