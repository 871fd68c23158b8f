// The same as `acknowledge` without sockets: updates that were made beforehand are handed straight to the rooms.
import { fork } from 'node:child_process';
import { goal, medians, missing, ms } from './measure.mjs';
import { inBench, newFolder, removeFolder } from './processes.mjs';

const writers = 100;

/** In a process of its own, so that nothing else is on its loop: `{rate, p50, p99}`. */
function inProcess(given) {
  const child = fork(inBench('rooms-alone.mjs'), [JSON.stringify(given)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let said = '';
  child.stderr.on('data', (bytes) => (said = (said + bytes).slice(-4000)));
  return new Promise((resolve, reject) => {
    let result = null;
    child.on('message', (message) => (result = message));
    child.once('exit', (code) =>
      code === 0 && result ? resolve(result) : reject(new Error(`rooms-alone ended with ${code}: ${said}`)),
    );
  });
}

export async function intoRooms({ quick, runs, postgres }) {
  const databases = [{ name: 'embedded', url: async () => undefined, least: 10_000, most: 40 }];
  if (!postgres.missing)
    databases.push({ name: 'PostgreSQL', url: () => postgres.database(), least: 20_000, most: 25 });
  const rows = [];
  const goals = [];
  for (const { name, url, least, most } of databases)
    for (const rooms of [1, writers]) {
      const all = [];
      for (let run = 0; run < runs; run++) {
        const dataDir = newFolder();
        const given = { dataDir, databaseUrl: await url(), writers, rooms, seconds: quick ? 2 : 4 };
        all.push(await inProcess(given));
        removeFolder(dataDir);
      }
      const { rate, p50, p99 } = medians(all);
      rows.push([name, writers, rooms, Math.round(rate), ms(p50), ms(p99)]);
      const what = `acknowledged after commit, 100 writers in ${rooms === 1 ? 'one room' : `${rooms} rooms`}, straight into the rooms, ${name}`;
      goals.push(
        goal(what, { figure: rate, least, unit: ' updates/s', peer: 'no peer does it' }),
        goal('the same, p99', { figure: p99, most, unit: ' ms', peer: 'no peer does it' }),
      );
    }
  if (postgres.missing)
    goals.push(missing('acknowledged after commit, straight into the rooms, PostgreSQL', postgres.missing));
  return {
    title: 'The same, straight into the rooms (log and projection, without sockets)',
    head: ['database', 'writers', 'rooms', 'updates/s', 'p50 ms', 'p99 ms'],
    rows,
    goals,
  };
}
