import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { v7 as uuid } from 'uuid';
import type { PresenceMessage } from '../../server/rooms/ports.js';
import { presenceId, RoomPresence, type PresenceChange } from '../../server/rooms/presence.js';

const user = (name: string) => ({ id: uuid(), name, color: 'who-1' });
const anna = user('Anna');

function open(): { presence: RoomPresence; frames: PresenceChange[] } {
  const frames: PresenceChange[] = [];
  return { presence: new RoomPresence((change) => frames.push(change)), frames };
}
/** Two servers and the messenger between them; `cut` loses what the first one says. */
function pair(): { here: ReturnType<typeof open>; there: ReturnType<typeof open>; cut: { off: boolean } } {
  const here = open();
  const there = open();
  const cut = { off: false };
  const carry = (to: RoomPresence, from: string) => (message: PresenceMessage) => {
    if (!cut.off || from !== 'here') to.hear(from, message);
  };
  here.presence.share(carry(there.presence, 'here'));
  there.presence.share(carry(here.presence, 'there'));
  return { here, there, cut };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('who is in a room', () => {
  it('[PRESENCE3] the last state of each goes out in one frame a tick, and what came before it is never read', () => {
    const { presence, frames } = open();
    const read = vi.fn();
    const id = presenceId();
    for (let cursor = 0; cursor < 50; cursor++)
      presence.set(id, anna, () => {
        read();
        return { cursor };
      });
    vi.advanceTimersByTime(100);
    expect(frames).toEqual([{ people: [{ id, user: anna, state: { cursor: 49 } }], left: [] }]);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('[PRESENCE4] who shows nothing any more, or goes, has left; what cannot be read changes nothing', () => {
    const { presence, frames } = open();
    const [one, two] = [presenceId(), presenceId()];
    presence.set(one, anna, () => ({ cursor: 1 }));
    presence.set(two, user('Ben'), () => ({ cursor: 2 }));
    vi.advanceTimersByTime(100);
    presence.set(one, anna, () => undefined);
    vi.advanceTimersByTime(100);
    expect(presence.all()).toContainEqual({ id: one, user: anna, state: { cursor: 1 } });
    presence.set(one, anna, () => null);
    presence.leave(two);
    vi.advanceTimersByTime(100);
    expect(frames.at(-1)).toMatchObject({ people: [], left: expect.arrayContaining([one, two]) as number[] });
    expect(presence.all()).toEqual([]);
  });

  it('[PRESENCE5] above 50 people a frame tells of 50, everybody in turn, and counts who reads where', () => {
    const { presence, frames } = open();
    const ids = Array.from({ length: 500 }, () => presenceId());
    const move = (): void =>
      ids.forEach((id, i) => presence.set(id, anna, () => ({ paragraph: i % 10, cursor: Math.random() })));
    const told = new Set<number>();
    for (let tick = 0; tick < 12; tick++) {
      move();
      vi.advanceTimersByTime(2_000);
    }
    for (const { people, counts } of frames) {
      expect(people.length).toBeLessThanOrEqual(50);
      expect(JSON.stringify({ people, counts }).length).toBeLessThan(10_000);
      for (const { id } of people) told.add(id);
    }
    expect(told.size).toBe(500);
    expect(frames.length).toBeLessThanOrEqual(13);
    expect(frames.at(-1)?.counts).toEqual(
      Object.fromEntries(Array.from({ length: 10 }, (_, paragraph) => [paragraph, 50])),
    );
    expect(presence.all()).toHaveLength(50);
  });
});

describe('who is there on another server', () => {
  it('[PRESENCE6] is seen here, one message a tick, and goes when he goes', () => {
    const { here, there } = pair();
    const id = presenceId();
    const heard = vi.spyOn(there.presence, 'hear');
    for (let cursor = 0; cursor < 9; cursor++) here.presence.set(id, anna, () => ({ cursor }));
    vi.advanceTimersByTime(300);
    expect(heard).toHaveBeenCalledTimes(1);
    expect(there.frames).toEqual([{ people: [{ id, user: anna, state: { cursor: 8 } }], left: [] }]);
    here.presence.leave(id);
    vi.advanceTimersByTime(300);
    expect(there.frames.at(-1)).toEqual({ people: [], left: [id] });
  });

  it('[PRESENCE7] who opens the room later asks, and is told', () => {
    const { here, there } = pair();
    const id = presenceId();
    here.presence.set(id, anna, () => ({ cursor: 1 }));
    vi.advanceTimersByTime(300);
    const late = open();
    const publish = (message: PresenceMessage): void => here.presence.hear('late', message);
    here.presence.share((message) => late.presence.hear('here', message));
    late.presence.share(publish);
    vi.advanceTimersByTime(300);
    expect(late.presence.all()).toEqual([{ id, user: anna, state: { cursor: 1 } }]);
    there.presence.stop();
  });

  it('[PRESENCE8] is gone when that server has been silent for half a minute', () => {
    const { here, there, cut } = pair();
    const id = presenceId();
    here.presence.set(id, anna, () => ({ cursor: 1 }));
    vi.advanceTimersByTime(60_000);
    expect(there.presence.all()).toHaveLength(1);
    cut.off = true;
    vi.advanceTimersByTime(45_000);
    expect(there.presence.all()).toEqual([]);
    expect(there.frames.at(-1)).toEqual({ people: [], left: [id] });
    cut.off = false;
    vi.advanceTimersByTime(15_000);
    expect(there.presence.all()).toHaveLength(1);
  });

  it('[PRESENCE9] a lost message is made good by the next roll call', () => {
    const { here, there, cut } = pair();
    const [one, two] = [presenceId(), presenceId()];
    here.presence.set(one, anna, () => ({ cursor: 1 }));
    vi.advanceTimersByTime(300);
    cut.off = true;
    here.presence.leave(one);
    here.presence.set(two, anna, () => ({ cursor: 2 }));
    vi.advanceTimersByTime(300);
    cut.off = false;
    vi.advanceTimersByTime(10_500);
    expect(there.presence.all().map(({ id }) => id)).toEqual([two]);
  });
});
