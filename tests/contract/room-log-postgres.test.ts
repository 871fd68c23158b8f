import { describe } from 'vitest';
import { postgresMissing, postgresStore } from '../support/databases.js';
import { logUnderTest } from '../support/room-logs.js';
import { roomLogContract } from './room-log.js';

describe.skipIf(postgresMissing !== null)(`PostgreSQL ${postgresMissing ?? ''}`, () => {
  roomLogContract(async () => {
    const store = await postgresStore();
    return logUnderTest(await store.open(), await store.open());
  });
});
