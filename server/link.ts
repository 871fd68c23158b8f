/** `npm run link -- owner`: prints a one-time link by which the owner signs in again. Only who has the host can run it. */

import { existsSync } from 'node:fs';
import { leaveHostLink } from './access/host-link.js';
import { ownerLink } from './access/links.js';
import type { SignInLink } from './access/sign-in-link.js';
import { DatabaseError, openDatabase } from './database/open.js';
import { readEnvironment, StartError, type Environment } from './environment.js';

async function linkFor(environment: Environment): Promise<SignInLink> {
  const { databaseUrl, dataDir } = environment;
  if (databaseUrl === undefined) {
    if (!existsSync(dataDir))
      throw new StartError(`DATA_DIR: there is no folder ${dataDir}: start the server first`);
    return leaveHostLink(dataDir);
  }
  const onFatal = (error: Error): never => {
    throw error;
  };
  const database = await openDatabase({ databaseUrl, dataDir, onFatal });
  try {
    const link = await ownerLink(database.prisma);
    if (!link.ok) throw new StartError(link.error);
    return link.value;
  } finally {
    await database.close();
  }
}

try {
  if (process.argv[2] !== 'owner' || process.argv.length > 3)
    throw new StartError('Usage: npm run link -- owner');
  const environment = readEnvironment(process.env);
  const { code, expires } = await linkFor(environment);
  const base =
    environment.publicUrl ?? (environment.port === 0 ? '<address>' : `http://localhost:${environment.port}`);
  process.stdout.write(`Sign in as the owner, once, until ${expires.toISOString()}:\n${base}/link/${code}\n`);
} catch (error) {
  const known = error instanceof StartError || error instanceof DatabaseError;
  process.stderr.write(`${known ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exit(1);
}
