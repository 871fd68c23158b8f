// How long a writer waits until his comment is durably stored, with 1, 10 and 100 writers who write without a pause, over
// sockets. The load generator shares the processor with the server: `into-rooms` measures the same without sockets.
import { digits, goal, inTurns, medians, missing, ms, quantiles } from './measure.mjs';
import { newFolder, removeFolder } from './processes.mjs';
import { bySocketIo, startMarginalia } from './servers.mjs';
import { Writer } from './work.mjs';

const counts = [1, 10, 100];
const warm = 1_000;

async function measure(env, count, seconds) {
  const folder = newFolder();
  const server = await startMarginalia(folder, { env });
  const people = await server.people(count);
  const writers = await inTurns(people, 25, async (person) => {
    const connection = new bySocketIo.connection(server, person, people[0].room);
    await connection.open();
    const writer = new Writer(person.id);
    const { id, update } = writer.annotate(1);
    await connection.send(update);
    return { connection, write: (n) => connection.send(writer.comment(id, n)) };
  });
  const times = [];
  const started = performance.now();
  const end = started + warm + seconds * 1000;
  let cpu = 0;
  setTimeout(() => (cpu = server.cpu()), warm);
  await Promise.all(
    writers.map(async ({ write }) => {
      for (let n = 0; performance.now() < end; n++) {
        const sent = performance.now();
        await write(n);
        if (sent - started > warm) times.push(performance.now() - sent);
      }
    }),
  );
  const used = (server.cpu() - cpu) / seconds;
  for (const { connection } of writers) connection.close();
  await server.stop();
  removeFolder(folder);
  const [p50, p99] = quantiles(times, 0.5, 0.99);
  return { p50, p99, rate: times.length / seconds, cores: used };
}

export async function acknowledge({ quick, runs, postgres }) {
  const databases = [{ name: 'embedded', env: async () => ({}), least: 10_000, most: 40 }];
  if (!postgres.missing)
    databases.push({
      name: 'PostgreSQL',
      env: async () => ({ DATABASE_URL: await postgres.database() }),
      least: 20_000,
      most: 25,
    });
  const rows = [];
  const goals = [];
  for (const { name, env, least, most } of databases)
    for (const count of counts) {
      const all = [];
      for (let run = 0; run < runs; run++) all.push(await measure(await env(), count, quick ? 2 : 4));
      const { p50, p99, rate, cores } = medians(all);
      rows.push([name, count, Math.round(rate), ms(p50), ms(p99), digits(cores, 2)]);
      if (count < 100) continue;
      goals.push(
        goal(`acknowledged after commit, 100 writers over sockets, ${name}`, {
          figure: rate,
          least,
          unit: ' updates/s',
          peer: 'no peer does it',
        }),
        goal(`the same, p99`, { figure: p99, most, unit: ' ms', peer: 'no peer does it' }),
      );
    }
  if (postgres.missing) goals.push(missing('acknowledged after commit, PostgreSQL', postgres.missing));
  return {
    title: 'From sending a comment to its acknowledgement, stored durably, over sockets',
    head: ['database', 'writers', 'updates/s', 'p50 ms', 'p99 ms', 'server cores'],
    rows,
    goals,
  };
}
