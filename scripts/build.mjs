// Builds what changed: the Prisma client, the server, the page. A part whose inputs are as they were is left alone,
// so a second start costs only the reading of some file times.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => join(root, 'node_modules', name);

/** The names, sizes and times of all files under these paths, as one hash. */
function fingerprint(paths) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`);
  };
  for (const path of paths) visit(join(root, path));
  return hash.digest('hex');
}

const node = (script, ...args) =>
  execFileSync(process.execPath, [bin(script), ...args], { cwd: root, stdio: 'pipe' });

const parts = [
  {
    name: 'database client',
    inputs: ['prisma/schema.prisma', 'prisma.config.ts', 'package-lock.json'],
    output: 'server/database/generated/client.ts',
    make: () => node('prisma/build/index.js', 'generate'),
  },
  {
    name: 'server',
    inputs: ['core', 'server', 'tsconfig.base.json', 'tsconfig.server.json', 'package-lock.json'],
    output: 'dist/server/main.js',
    make: () => node('typescript/bin/tsc', '-p', 'tsconfig.server.json'),
  },
  {
    name: 'page',
    inputs: ['core', 'client', 'vite.config.ts', 'tsconfig.client.json', 'package-lock.json'],
    output: 'dist/client/index.html',
    make: () => node('vite/bin/vite.js', 'build', '--logLevel', 'warn'),
  },
];

mkdirSync(join(root, 'dist'), { recursive: true });
for (const part of parts) {
  const stamp = join(root, 'dist', `${part.name.replace(' ', '-')}.stamp`);
  const now = fingerprint(part.inputs);
  const fresh =
    existsSync(join(root, part.output)) && existsSync(stamp) && readFileSync(stamp, 'utf8') === now;
  if (fresh) continue;
  const started = Date.now();
  rmSync(stamp, { force: true });
  try {
    part.make();
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? error}`);
    console.error(`The ${part.name} could not be built.`);
    process.exit(1);
  }
  // The generated client lies among the server's inputs: stamps are taken after a part is made.
  writeFileSync(stamp, fingerprint(part.inputs));
  console.log(`Built the ${part.name} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
