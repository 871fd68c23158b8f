// What is lost of work that its writer saw acknowledged (or, where a server acknowledges nothing, saw come back) when the
// server is killed right after, and of a burst that is killed when the last of it is acknowledged.
import { goal, inTurns, ms, pause, quantiles, within } from './measure.mjs';
import { newFolder, removeFolder } from './processes.mjs';
import { bySocketIo } from './servers.mjs';
import { marked, markersIn, Writer } from './work.mjs';

const edits = 20;
/** The kill comes so long after the acknowledgement: in the first round at once, in the last after this. Milliseconds. */
const latestKill = 50;
const burst = 200;
/** Hocuspocus stores 2 s after the last change: the first edit of a round is in its place before the second is made. */
const rest = 2_300;

/** What tells a writer that his update has arrived: an acknowledgement, else his own update coming back. */
function answers(way, connection, tell) {
  if (way.acknowledges) connection.acknowledged = tell;
  else
    connection.hear = (data) => {
      for (const n of markersIn(data)) tell(n);
    };
}

/** How many of the numbers from `first` on, so many, are in the room. */
async function survivors(way, server, person, room, first, count) {
  const seen = new Set();
  const connection = new way.connection(server, person, room);
  connection.hear = (data) => {
    for (const n of markersIn(data)) if (n >= first && n < first + count) seen.add(n);
  };
  await connection.open();
  // Some servers answer before they have loaded.
  for (let waited = 0; seen.size < count && waited < 1_500; waited += 10) await pause(10);
  connection.close();
  return seen.size;
}

/** One round: `acknowledge` so many updates at once, kill after `wait` ms, start again, and count. */
async function round(way, state, { count, wait, first }) {
  let { server } = state;
  const [person] = state.people;
  const room = way.kind === 'peer' ? `round-${first}` : person.room;
  const connection = new way.connection(server, person, room);
  await connection.open();
  const writer = new Writer(person.id);
  let left = 0;
  let done = () => {};
  answers(way, connection, () => --left === 0 && done());
  const send = (updates, what) => {
    left = updates.length;
    const all = new Promise((resolve) => (done = resolve));
    for (const update of updates) connection.send(update);
    return within(20_000, all, `${way.name}: the acknowledgement of ${what}`);
  };
  const { id, update } = writer.annotate(first, marked(0));
  await send([update], 'the first edit');
  await pause(way.rests ? rest : 50);
  const updates = Array.from({ length: count }, (_, i) => writer.comment(id, i, marked(first + i)));
  const sent = performance.now();
  await send(updates, `${count} edits`);
  const took = performance.now() - sent;
  for (const end = performance.now() + wait; performance.now() < end;) await pause(1);
  await server.kill();
  connection.close();
  server = state.server = await way.start(state.folder);
  return { took, lost: count - (await survivors(way, server, person, room, first, count)) };
}

async function measure(way, rounds, bursts) {
  const state = { folder: newFolder() };
  state.server = await way.start(state.folder);
  state.people = await state.server.people(1);
  let first = 1_000;
  let lost = 0;
  const times = [];
  for (let i = 0; i < rounds; i++, first += 1_000) {
    const result = await round(way, state, {
      count: 1,
      wait: (i * latestKill) / Math.max(1, rounds - 1),
      first,
    });
    lost += result.lost;
    times.push(result.took);
  }
  let lostOfBursts = 0;
  for (let i = 0; i < bursts; i++, first += 1_000)
    lostOfBursts += (await round(way, state, { count: burst, wait: 0, first })).lost;
  await state.server.stop();
  removeFolder(state.folder);
  return { lost, lostOfBursts: lostOfBursts / bursts, took: quantiles(times, 0.5)[0] };
}

export async function durability({ quick, peers }) {
  const rounds = quick ? 3 : edits;
  const bursts = quick ? 1 : 3;
  const ways = [
    ...peers
      .filter(({ stores }) => stores)
      .map((way) => ({ ...way, acknowledges: way.name.startsWith('Hocuspocus'), rests: true })),
    { ...bySocketIo, acknowledges: true },
  ];
  const all = await inTurns(ways, 1, async (way) => ({ way, ...(await measure(way, rounds, bursts)) }));
  const ours = all.find(({ way }) => way.kind === 'marginalia');
  const ofPeers = all.filter(({ way }) => way.kind === 'peer');
  const best = (key) => (ofPeers.length > 0 ? Math.min(...ofPeers.map((one) => one[key])) : '');
  return {
    title: `Killed (kill -9) after the acknowledgement: lost of ${rounds} edits, and of a burst of ${burst}`,
    head: ['server', 'what the writer sees', 'after ms', `lost of ${rounds}`, `lost of ${burst}`],
    rows: all.map(({ way, took, lost, lostOfBursts }) => [
      way.name,
      way.acknowledges ? 'an acknowledgement' : 'his own update coming back',
      ms(took),
      lost,
      Math.round(lostOfBursts),
    ]),
    goals: [
      goal(`lost of ${rounds} edits seen acknowledged, then killed`, {
        figure: ours.lost,
        most: 0,
        peer: best('lost'),
      }),
      goal(`lost of a burst of ${burst}`, { figure: ours.lostOfBursts, most: 0, peer: best('lostOfBursts') }),
    ],
  };
}
