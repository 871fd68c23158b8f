// `npm run check`: format, lint with types, types, the arrows between folders, dead code. Stops at nothing, reports all.
import { spawnSync } from 'node:child_process';

const steps = [
  ['build', ['node', 'scripts/build.mjs']],
  ['format', ['npx', 'prettier', '--check', '--log-level', 'warn', '.']],
  ['types: server', ['npx', 'tsc', '-p', 'tsconfig.server.json', '--noEmit', '--incremental', 'false']],
  ['types: page', ['npx', 'tsc', '-p', 'tsconfig.client.json']],
  ['types: tests', ['npx', 'tsc', '-p', 'tsconfig.tests.json']],
  ['lint', ['npx', 'eslint', '.', '--max-warnings', '0']],
  [
    'arrows',
    [
      'npx',
      'depcruise',
      'core',
      'server',
      'client',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'err',
    ],
  ],
  ['dead code', ['npx', 'knip']],
];

let failed = 0;
for (const [name, [command, ...args]] of steps) {
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) failed++;
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
}
process.exit(failed === 0 ? 0 : 1);
