// `npm run bench`: all measurements as tables. `npm run bench -- fan-out presence` runs only those named, `--quick` makes
// them shorter, `--write` puts the figures into docs/benchmarks.md. A measurement whose check fails prints no figure, and
// the run ends with 1.
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { installPeers, peers } from './peers.mjs';
import { openPostgres } from './postgres.mjs';
import { doors, relay } from './servers.mjs';
import { summary, tableOf, writeFigures } from './tables.mjs';
import { workloads } from './workloads.mjs';

const { values, positionals: chosen } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, write: { type: 'boolean' } },
});
const unknown = chosen.filter((name) => !(name in workloads));
if (unknown.length > 0) {
  console.error(`No measurement ${unknown.join(', ')}: there are ${Object.keys(workloads).join(', ')}.`);
  process.exit(1);
}

const notes = [];
const why = await installPeers();
if (why) notes.push(why);
const postgres = openPostgres();
const given = {
  quick: values.quick ?? false,
  runs: values.quick ? 1 : 3,
  relay,
  peers: why ? [] : peers,
  doors,
  postgres,
};

const pages = [];
const say = (text) => {
  pages.push(text);
  console.log(`${text}\n`);
};
say(`Node ${process.version}, ${process.platform} ${release()}, ${cpus().length} x ${cpus()[0]?.model}`);
for (const note of notes) say(note);

const goals = [];
let failed = 0;
for (const [name, measure] of Object.entries(workloads)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const started = performance.now();
  process.stderr.write(`measuring ${name}\n`);
  try {
    for (const table of [await measure(given)].flat()) {
      say(tableOf(table));
      goals.push(...(table.goals ?? []));
    }
  } catch (error) {
    failed++;
    say(`**${name}: no figures, because a check failed: ${String(error.message).split('\n')[0]}**`);
    console.error(error);
  }
  process.stderr.write(`${name} took ${Math.round((performance.now() - started) / 1000)} s\n`);
}
if (goals.length > 0) say(summary(goals));
await postgres.stop();
if (values.write) writeFigures(pages.join('\n\n'));
process.exit(failed > 0 ? 1 : 0);
