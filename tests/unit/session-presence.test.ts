import { expect, it } from 'vitest';
import { FakeServer } from '../support/fake-server.js';
import { layerRoom, Reader } from '../support/reading.js';

const person = (id: number, user: string) => ({
  id,
  user: { id: user, name: user, color: 'who-1' },
  state: {},
});

it('[PRESENCE1] shows the others, not my own tabs, and nobody while there is no connection', async () => {
  const server = new FakeServer();
  const anna = await Reader.online(server);
  server.present(layerRoom, [person(1, 'ben'), person(2, anna.id), person(3, 'cleo')]);
  await server.settle();
  expect(anna.copy.people.get().map(({ id }) => id)).toEqual([1, 3]);
  server.present(layerRoom, [person(4, 'ben')], [1]);
  await server.settle();
  expect(anna.copy.people.get().map(({ id }) => id)).toEqual([3, 4]);
  anna.connection.cut();
  expect(anna.copy.people.get()).toEqual([]);
});

it('[PRESENCE2] tells where I read at once, then at most ten times a second, the last word always', async () => {
  const server = new FakeServer();
  const anna = await Reader.online(server);
  for (let cursor = 0; cursor < 10; cursor++) {
    anna.copy.setPresence({ cursor });
    anna.clock.advance(30);
  }
  anna.clock.advance(1_000);
  const told = anna.connection.told.map(({ state }) => state?.cursor);
  expect(told).toEqual([0, 3, 6, 9]);
});

it('[PRESENCE2] tells it again after a new join, and goes with the last who holds the copy', async () => {
  const server = new FakeServer();
  const anna = await Reader.online(server);
  anna.copy.setPresence({ cursor: 5 });
  anna.connection.cut();
  anna.goesOnline();
  await server.settle();
  expect(anna.connection.told.map(({ state }) => state)).toEqual([{ cursor: 5 }, { cursor: 5 }]);
  anna.clock.advance(100);
  anna.copy.release();
  expect(anna.connection.told.at(-1)?.state).toBeNull();
});

it('[PRESENCE10] counts those whom the server no longer names, until the room is small again', async () => {
  const server = new FakeServer();
  const anna = await Reader.online(server);
  server.present(layerRoom, [person(1, 'ben')], [], { 0: 40, 7: 460 });
  await server.settle();
  expect(anna.copy.crowd.get()).toBe(500);
  server.present(layerRoom, [person(1, 'ben')]);
  await server.settle();
  expect(anna.copy.crowd.get()).toBe(0);
});
