import { describe, expect, it, vi } from 'vitest';
import { CommitQueue } from '../../server/rooms/commit-queue.js';
import type { AppendOutcome, RoomBatch, RoomLog } from '../../server/rooms/ports.js';

/** A log whose transactions end when the test says so. */
class HeldLog {
  readonly transactions: { batches: readonly RoomBatch[]; end: (outcome: AppendOutcome | Error) => void }[] =
    [];
  append(batches: readonly RoomBatch[]): Promise<AppendOutcome[]> {
    return new Promise((resolve, reject) => {
      const end = (outcome: AppendOutcome | Error): void =>
        outcome instanceof Error ? reject(outcome) : resolve(batches.map(() => outcome));
      this.transactions.push({ batches, end });
    });
  }
}

/** The transaction of this number, once it has begun. */
const transaction = (log: HeldLog, n: number): Promise<HeldLog['transactions'][number]> =>
  vi.waitUntil(() => log.transactions[n], { interval: 1 });

const batch = (n: number, rows = 1): RoomBatch => ({
  room: `layer:${n}`,
  seq: 1,
  epoch: 'e',
  parts: Array.from({ length: rows }, () => ({ update: new Uint8Array([n]), person: 'p' })),
  clients: new Map(),
  removes: false,
  projection: [],
});
const queueOver = (log: HeldLog, lanes: number): CommitQueue =>
  new CommitQueue(log as unknown as RoomLog, lanes);
const rooms = (log: HeldLog): string[][] =>
  log.transactions.map(({ batches }) => batches.map(({ room }) => room.slice(6)));

describe('group commit', () => {
  it('[LOG31, S5] what waits while a transaction runs is the next transaction, in order', async () => {
    const log = new HeldLog();
    const queue = queueOver(log, 1);
    const all = [1, 2, 3].map((n) => queue.commit(batch(n)));
    expect(rooms(log)).toEqual([['1']]);
    (await transaction(log, 0)).end('committed');
    expect(await all[0]).toBe('committed');
    (await transaction(log, 1)).end('conflict');
    expect(rooms(log)).toEqual([['1'], ['2', '3']]);
    expect(await Promise.all(all.slice(1))).toEqual(['conflict', 'conflict']);
  });

  it('[LOG32] a transaction takes 1,000 rows at most, and one batch however large', async () => {
    const log = new HeldLog();
    const queue = queueOver(log, 1);
    void queue.commit(batch(0));
    for (const [n, rows] of [
      [1, 600],
      [2, 600],
      [3, 1500],
    ] as const)
      void queue.commit(batch(n, rows));
    const ended = queue.drained();
    for (let i = 0; i < 4; i++) (await transaction(log, i)).end('committed');
    await ended;
    expect(rooms(log)).toEqual([['0'], ['1'], ['2'], ['3']]);
  });

  it('[LOG33] a database that fails rejects every batch of that transaction and goes on with the next', async () => {
    const log = new HeldLog();
    const queue = queueOver(log, 1);
    const lost = queue.commit(batch(1));
    const kept = queue.commit(batch(2));
    (await transaction(log, 0)).end(new Error('away'));
    await expect(lost).rejects.toThrow('away');
    (await transaction(log, 1)).end('committed');
    expect(await kept).toBe('committed');
  });

  it('[LOG30] a batch that cannot be stored rejects alone: the others of its transaction are tried by themselves', async () => {
    const log = new HeldLog();
    const queue = queueOver(log, 1);
    const first = queue.commit(batch(0));
    const [bad, good] = [queue.commit(batch(1)), queue.commit(batch(2))];
    (await transaction(log, 0)).end('committed');
    await first;
    (await transaction(log, 1)).end(new Error('a bad row'));
    (await transaction(log, 2)).end(new Error('a bad row'));
    await expect(bad).rejects.toThrow('a bad row');
    (await transaction(log, 3)).end('committed');
    expect(await good).toBe('committed');
  });

  it('[LOG34, S5] four lanes run four transactions at once, and no more', () => {
    const log = new HeldLog();
    const queue = queueOver(log, 4);
    for (let n = 0; n < 6; n++) void queue.commit(batch(n));
    expect(rooms(log)).toEqual([['0'], ['1'], ['2'], ['3']]);
  });
});
