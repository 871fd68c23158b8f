// `npm run bench`: the measurements as tables. `npm run bench -- judge` runs only those named.
import { cpus } from 'node:os';
import { acknowledge } from './acknowledge.mjs';
import { fanOut } from './fan-out.mjs';
import { judge } from './judge.mjs';

const workloads = { judge, acknowledge, 'fan-out': fanOut };
const postgres = process.env.TEST_DATABASE_URL;
if (postgres) workloads['acknowledge-postgres'] = () => acknowledge({ DATABASE_URL: postgres }, 'PostgreSQL');

const chosen = process.argv.slice(2);
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}\n`);
for (const [name, measure] of Object.entries(workloads)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const { title, head, rows } = await measure();
  console.log(`## ${title}\n`);
  console.log(`| ${head.join(' | ')} |\n| ${head.map(() => '---').join(' | ')} |`);
  for (const row of rows) console.log(`| ${row.join(' | ')} |`);
  console.log('');
}
process.exit(0);
