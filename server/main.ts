/** The program: reads the environment, starts the server, prints where it is, and stops it on a signal. */

import { DatabaseError } from './database/open.js';
import { startApp } from './app.js';
import { readEnvironment, StartError } from './environment.js';
import { openLog } from './log.js';

/** After this many milliseconds of stopping the process ends, whatever still hangs: it was not acknowledged. */
const stopWithin = 4_500;

/** One line that says what to mend; anything else is a bug, and shows where. */
function fail(error: unknown): never {
  const known = error instanceof StartError || error instanceof DatabaseError;
  process.stderr.write(
    `${known ? error.message.replaceAll('\n', ' ') : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exit(1);
}

try {
  const environment = readEnvironment(process.env);
  const log = openLog(environment.logLevel);
  const app = await startApp(environment, log, fail);
  process.stdout.write(`Marginalia is ready at ${app.url}\nJoin the reading: ${app.joinUrl}\n`);

  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(0), stopWithin).unref();
    app.close().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} catch (error) {
  fail(error);
}
