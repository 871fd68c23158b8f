import { embeddedStore } from '../support/databases.js';
import { logUnderTest } from '../support/room-logs.js';
import { roomLogContract } from './room-log.js';

// There is one connection: the other server's log is a second one on it.
roomLogContract(async () => {
  const database = await (await embeddedStore()).open();
  return logUnderTest(database, database);
});
