/**
 * The messenger between servers: tells that a room has a new commit, that a person's rights changed, and who reads a
 * room. Nothing depends on a message arriving: a server that missed one sees the gap in `seq` and reads the log, and who
 * is where is told anew now and then.
 */

import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { Bus, BusMessage } from '../rooms/ports.js';
import { parseRoom, type RoomName } from '#core/rooms.js';

const channel = 'marginalia';
const from = z.string();
const room = z.custom<RoomName>((name) => typeof name === 'string' && parseRoom(name) !== null);
const id = z.int().nonnegative();
const schema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('commit'), from, room, seq: z.int().positive() }),
  z.object({ kind: z.literal('rights'), from, person: z.uuid() }),
  z.object({
    kind: z.literal('presence'),
    from,
    room,
    people: z.array(
      z.object({
        id,
        user: z.object({ id: z.uuid(), name: z.string(), color: z.string() }),
        state: z.record(z.string(), z.unknown()),
      }),
    ),
    left: z.array(id),
    here: z.optional(z.array(id)),
    asks: z.optional(z.boolean()),
  }),
]);

export function openRedisBus(
  url: string,
  report: (problem: string, detail: Record<string, unknown>) => void,
): Bus {
  const self = randomUUID();
  const options = { maxRetriesPerRequest: null, enableOfflineQueue: false, retryStrategy: retryAfter };
  const publisher = new Redis(url, options);
  const subscriber = new Redis(url, { ...options, enableOfflineQueue: true });
  const listeners: ((message: BusMessage) => void)[] = [];
  for (const client of [publisher, subscriber])
    client.on('error', (error: Error) =>
      report('redis is away; other servers catch up from the log', { error }),
    );
  subscriber
    .subscribe(channel)
    .catch((error: unknown) => report('redis refused the subscription', { error }));
  let away = false;
  subscriber.on('close', () => (away = true));
  subscriber.on('ready', () => {
    if (away) for (const listener of listeners) listener({ kind: 'lost' });
    away = false;
  });
  subscriber.on('message', (_channel, text) => {
    const { data } = schema.safeParse(json(text));
    if (data && data.from !== self) for (const listener of listeners) listener(data);
  });
  return {
    publish: (message) => {
      // Redis may be away: the log tells what a lost message would have.
      publisher.publish(channel, JSON.stringify({ from: self, ...message })).catch(() => undefined);
    },
    subscribe: (listener) => void listeners.push(listener),
    close: async () => {
      await Promise.allSettled([publisher.quit(), subscriber.quit()]);
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}

const retryAfter = (attempt: number): number => Math.min(attempt * 100, 2_000);

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
