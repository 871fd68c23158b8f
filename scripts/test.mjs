// `npm test`: builds, finds what the tests need, runs all of them and says in plain words what could not run and why.
// The last line is the sum over both runners: `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'marginalia-reports-'));
const run = (command, args, env = {}) =>
  spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;
const node = (script, args, env) => run(process.execPath, [join(root, 'node_modules', script), ...args], env);

/** Whether there is a Chromium, installing one where there is none. */
function chromium() {
  if (findChromium()) return true;
  console.log('No Chromium found: installing one.');
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    run('apt-get', ['update', '-q']);
    if (run('apt-get', ['install', '-y', '-q', 'chromium', 'fonts-noto-cjk']) === 0 && findChromium())
      return true;
  }
  return node('playwright/cli.js', ['install', 'chromium']) === 0;
}

function totals(file, read) {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  return read(JSON.parse(readFileSync(file, 'utf8')));
}

if (run(process.execPath, ['scripts/build.mjs']) !== 0) process.exit(1);

const unit = join(reports, 'vitest.json');
const unitStatus = node('vitest/vitest.mjs', [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${unit}`,
]);
const sum = totals(unit, (report) => ({
  passed: report.numPassedTests,
  failed: Math.max(report.numFailedTests, unitStatus === 0 ? 0 : 1),
  skipped: report.numPendingTests + report.numTodoTests,
}));

if (!chromium()) {
  console.log('Skipped: the browser tests, because no Chromium was found and none could be installed.');
  sum.skipped++;
} else {
  const file = join(reports, 'playwright.json');
  const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: file };
  const status = node('playwright/cli.js', ['test', '--reporter=list,json'], env);
  const seen = totals(file, ({ stats }) => ({
    passed: stats.expected + stats.flaky,
    failed: Math.max(stats.unexpected, status === 0 ? 0 : 1),
    skipped: stats.skipped,
  }));
  for (const key of Object.keys(sum)) sum[key] += seen[key];
}

rmSync(reports, { recursive: true, force: true });
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exit(sum.failed === 0 && sum.passed > 0 ? 0 : 1);
