import { describe, expect, it } from 'vitest';
import { Budgets } from '../../server/rooms/budget.js';

const MiB = 1024 * 1024;
const open = (): { budgets: Budgets; pass: (seconds: number) => void } => {
  let now = 1_780_000_000_000;
  return { budgets: new Budgets({ now: () => now }), pass: (seconds) => void (now += seconds * 1000) };
};
/** How many messages of so many bytes are taken before one is refused. */
const taken = (budgets: Budgets, bytes: number, first = false): number => {
  let count = 0;
  while (budgets.take('anna', { bytes, first })) count++;
  return count;
};

describe('what one person may cost', () => {
  it('[BUDGET1] is a minute’s bytes at most, then nothing until a tenth of it is back, then all again', () => {
    const { budgets, pass } = open();
    expect(taken(budgets, MiB)).toBe(63);
    expect(budgets.retryAfter('anna')).toBe(6);
    pass(3);
    expect(budgets.take('anna', { bytes: 1 })).toBe(false);
    pass(4);
    expect(budgets.retryAfter('anna')).toBe(0);
    expect(budgets.take('anna', { bytes: 1 })).toBe(true);
    pass(60);
    expect(taken(budgets, MiB)).toBe(63);
  });

  it('[BUDGET2] counts tiny messages as more than their bytes', () => {
    const { budgets } = open();
    expect(taken(budgets, 1)).toBeLessThan(300_000);
  });

  it('[BUDGET3] is one’s own: others go on', () => {
    const { budgets } = open();
    taken(budgets, MiB);
    expect(budgets.take('ben', { bytes: MiB })).toBe(true);
  });

  it('[BUDGET4] ends when judging took too long, and comes back', () => {
    const { budgets, pass } = open();
    budgets.spent('anna', 2_900);
    expect(budgets.take('anna', { bytes: 1 })).toBe(true);
    budgets.spent('anna', 200);
    expect(budgets.take('anna', { bytes: 1 })).toBe(false);
    expect(budgets.retryAfter('anna')).toBe(8);
    pass(8);
    expect(budgets.take('anna', { bytes: 1 })).toBe(true);
  });

  it('[BUDGET5] the first sync of a connection is counted apart', () => {
    const { budgets } = open();
    taken(budgets, MiB);
    budgets.spent('anna', 10_000);
    expect(taken(budgets, 16 * MiB, true)).toBe(7);
  });

  it('[BUDGET6] thirty new client ids a minute, those of first syncs apart', () => {
    const { budgets, pass } = open();
    budgets.bound('anna', 29);
    expect(budgets.mayBind('anna')).toBe(1);
    budgets.bound('anna', 1);
    expect(budgets.mayBind('anna')).toBe(0);
    expect(budgets.mayBind('anna', true)).toBe(2_000);
    pass(2);
    expect(budgets.mayBind('anna')).toBe(1);
    pass(58);
    expect(budgets.mayBind('anna')).toBe(30);
  });

  it('[BUDGET7] a clock that is set back gives nothing and takes nothing', () => {
    const { budgets, pass } = open();
    budgets.bound('anna', 30);
    pass(-3_600);
    expect(budgets.mayBind('anna')).toBe(0);
    pass(60);
    expect(budgets.mayBind('anna')).toBe(30);
  });
});
