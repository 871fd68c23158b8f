/** What every RoomLog does, whatever it stores in. Run by the test files beside this one, over each implementation. */

import { randomBytes, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { type RoomName, roomName } from '../../core/rooms.js';
import type { LoadedRoom, RoomBatch, RoomLog, StoredState } from '../../server/rooms/ports.js';
import type { AnnotationRow, CommentRow, ProjectionChange } from '../../server/rooms/projection.js';

export interface LogUnderTest {
  readonly log: RoomLog;
  /** Another server's log on the same data. */
  readonly other: RoomLog;
  /** What search and REST would read of a layer, in any order. */
  readonly rows: (layer: string) => Promise<ProjectionChange[]>;
  /** What the care of the log does: stores a state, unless there is a newer one. */
  readonly keep: (room: RoomName, state: StoredState) => Promise<void>;
  /** What compaction does: takes the batches up to `seq` out of the log. */
  readonly forget: (room: RoomName, seq: number) => Promise<void>;
}

const anna = randomUUID();
const ben = randomUUID();

export const annotationRow = (layer: string, changes: Partial<AnnotationRow> = {}): AnnotationRow => ({
  kind: 'annotation',
  layer,
  id: randomUUID(),
  author: anna,
  created: 1_700_000_000_123,
  edited: null,
  motivation: 'commenting',
  color: 'amber',
  tags: ['a "tag"', 'back\\slash, {braces}', '标签', ''],
  exact: 'some words',
  from: 3,
  to: 13,
  suggestion: null,
  status: 'open',
  decision: null,
  assignedTo: null,
  hidden: false,
  removed: null,
  ...changes,
});

export const commentRow = (layer: string, changes: Partial<CommentRow> = {}): CommentRow => ({
  kind: 'comment',
  layer,
  id: randomUUID(),
  annotation: randomUUID(),
  parent: null,
  author: ben,
  created: 1_700_000_000_456.5,
  edited: null,
  body: 'A comment, with 汉字 and "quotes".',
  hidden: false,
  removed: null,
  ...changes,
});

const freshRoom = (): { room: RoomName; layer: string } => {
  const layer = randomUUID();
  return { room: roomName('layer', layer), layer };
};

export function batchOf(room: RoomName, seq: number, changes: Partial<RoomBatch> = {}): RoomBatch {
  const parts = [{ update: new Uint8Array([seq, 0, 255]), person: anna }];
  return { room, seq, epoch: 'e1', parts, clients: new Map(), removes: false, projection: [], ...changes };
}

export const stateAt = (seq: number, pieces = new Uint8Array([seq])): StoredState => ({
  seq,
  pieces,
  stateVector: new Uint8Array([seq, 1]),
  deletions: new Uint8Array(),
});

const updatesOf = ({ tail }: LoadedRoom): Uint8Array[] => tail.flatMap(({ updates }) => updates);
const byId = (rows: readonly ProjectionChange[]) => [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));

export function roomLogContract(open: () => Promise<LogUnderTest>): void {
  let log: RoomLog;
  let other: RoomLog;
  let rows: LogUnderTest['rows'];
  let keep: LogUnderTest['keep'];
  let forget: LogUnderTest['forget'];
  beforeAll(async () => {
    ({ log, other, rows, keep, forget } = await open());
  });

  describe('loading', () => {
    test('[LOG1] a room that nobody has written to is empty, has a fresh epoch, and is not made by loading', async () => {
      const { room } = freshRoom();
      const first = await log.load(room);
      const second = await log.load(room);
      expect(first).toMatchObject({ seq: 0, stored: null, tail: [], uncleansed: false });
      expect((await log.clients(room, 0)).size).toBe(0);
      expect(second.epoch).not.toBe(first.epoch);
      expect(await log.head(room)).toBe(0);
      expect(await log.since(room, 0)).toEqual([]);
    });

    test('[LOG2] parts come back in the order of (seq, part), byte for byte, with the epoch of the first batch', async () => {
      const { room } = freshRoom();
      const updates = [0, 1, 40, 70_000].map((length) => new Uint8Array(randomBytes(length)));
      const parts = updates.map((update, i) => ({ update, person: i % 2 ? ben : anna }));
      await log.append([batchOf(room, 1, { parts: parts.slice(0, 3) })]);
      await log.append([batchOf(room, 2, { parts: parts.slice(3) })]);
      const tail = [
        { seq: 1, updates: updates.slice(0, 3) },
        { seq: 2, updates: updates.slice(3) },
      ];
      expect(await other.load(room)).toEqual({ epoch: 'e1', seq: 2, stored: null, tail, uncleansed: false });
      expect(await other.head(room)).toBe(2);
    });

    test('[LOG3] client ids come back with their owners, whether small or of 53 bits', async () => {
      const { room } = freshRoom();
      const large = Number.MAX_SAFE_INTEGER;
      const first = new Map([[7, anna]]);
      const second = new Map([
        [large, ben],
        [0, 'server'],
      ]);
      await log.append([batchOf(room, 1, { clients: first })]);
      await log.append([batchOf(room, 2, { clients: second })]);
      expect(await other.clients(room, 2)).toEqual(new Map([...first, ...second]));
      expect(await other.clients(room, 1)).toEqual(first);
      expect((await other.since(room, 0))?.map(({ clients }) => clients)).toEqual([first, second]);
    });

    test('[LOG4] an update of many MB comes back whole', async () => {
      const { room, layer } = freshRoom();
      const update = new Uint8Array(randomBytes(3 * 1024 * 1024 + 17));
      const small = new Uint8Array([1, 2, 3]);
      const projection = [commentRow(layer)];
      const parts = [update, small].map((bytes) => ({ update: bytes, person: anna }));
      expect(await log.append([batchOf(room, 1, { parts, projection })])).toEqual(['committed']);
      const loaded = updatesOf(await other.load(room));
      expect(loaded.map((bytes) => Buffer.from(bytes).equals(update) || bytes.length)).toEqual([true, 3]);
      expect(await rows(layer)).toEqual(projection);
    });
  });

  describe('appending', () => {
    test('[LOG5, S5] a batch whose seq is taken is a conflict, nothing of it is stored, and the others are committed', async () => {
      const taken = freshRoom();
      const free = freshRoom();
      await log.append([batchOf(taken.room, 1)]);
      const late = batchOf(taken.room, 1, {
        parts: [{ update: new Uint8Array([9]), person: ben }],
        clients: new Map([[99, ben]]),
        projection: [commentRow(taken.layer)],
      });
      expect(await other.append([late, batchOf(free.room, 1)])).toEqual(['conflict', 'committed']);
      const loaded = await log.load(taken.room);
      expect(loaded.seq).toBe(1);
      expect(updatesOf(loaded)).toEqual([new Uint8Array([1, 0, 255])]);
      expect((await log.clients(taken.room, 1)).size).toBe(0);
      expect(await rows(taken.layer)).toEqual([]);
      expect(await log.head(free.room)).toBe(1);
    });

    test('[LOG6] a batch that would leave a gap is a conflict, in a known room and in an unknown one', async () => {
      const { room } = freshRoom();
      expect(await log.append([batchOf(room, 2)])).toEqual(['conflict']);
      expect(await log.head(room)).toBe(0);
      await log.append([batchOf(room, 1)]);
      expect(await log.append([batchOf(room, 3)])).toEqual(['conflict']);
      expect(await log.head(room)).toBe(1);
    });

    test('[LOG7] a batch of another epoch is a conflict', async () => {
      const { room } = freshRoom();
      await log.append([batchOf(room, 1)]);
      expect(await log.append([batchOf(room, 2, { epoch: 'e2' })])).toEqual(['conflict']);
      expect(await log.append([batchOf(room, 2)])).toEqual(['committed']);
    });

    test('[LOG8] batches of one room in one call are committed in their order', async () => {
      const { room } = freshRoom();
      const batches = [1, 2, 3].map((seq) => batchOf(room, seq));
      expect(await log.append(batches)).toEqual(['committed', 'committed', 'committed']);
      expect((await log.since(room, 0))?.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    });

    test('[LOG9] a client id belongs to who bound it first: another person is a conflict, the same one is not', async () => {
      const { room } = freshRoom();
      await log.append([batchOf(room, 1, { clients: new Map([[5, anna]]) })]);
      expect(await log.append([batchOf(room, 2, { clients: new Map([[5, ben]]) })])).toEqual(['conflict']);
      expect(await log.append([batchOf(room, 2, { clients: new Map([[5, anna]]) })])).toEqual(['committed']);
      expect(await log.clients(room, 2)).toEqual(new Map([[5, anna]]));
      expect((await log.since(room, 1))?.[0]?.clients).toEqual(new Map());
    });

    test('[LOG10] the same client id in another room is another client', async () => {
      const a = freshRoom();
      const b = freshRoom();
      const batches = [
        batchOf(a.room, 1, { clients: new Map([[5, anna]]) }),
        batchOf(b.room, 1, { clients: new Map([[5, ben]]) }),
      ];
      expect(await log.append(batches)).toEqual(['committed', 'committed']);
    });

    test('[LOG11] when the store fails in the middle, nothing of any batch is there, and the log goes on', async () => {
      const a = freshRoom();
      const b = freshRoom();
      const broken = commentRow(b.layer, { id: 'no-uuid' });
      // Larger than one statement carries: some of it was written when the fault is met.
      const parts = [{ update: new Uint8Array(2 * 1024 * 1024), person: anna }];
      for (const large of [{}, { parts }]) {
        const batches = [
          batchOf(a.room, 1, { clients: new Map([[1, anna]]), projection: [commentRow(a.layer)], ...large }),
          batchOf(b.room, 1, { projection: [broken] }),
        ];
        await expect(log.append(batches)).rejects.toThrow();
        for (const { room, layer } of [a, b]) {
          expect(await other.head(room)).toBe(0);
          expect(updatesOf(await other.load(room)).length).toBe(0);
          expect(await rows(layer)).toEqual([]);
        }
      }
      expect(await log.append([batchOf(a.room, 1), batchOf(b.room, 1)])).toEqual(['committed', 'committed']);
    });

    test('[LOG12] a batch without parts is a mistake of the caller and stores nothing', async () => {
      const { room } = freshRoom();
      await expect(log.append([batchOf(room, 1, { parts: [] })])).rejects.toThrow('no parts');
      expect(await log.head(room)).toBe(0);
      expect(await log.append([])).toEqual([]);
    });

    test('[LOG13] of two servers that append at once exactly one wins each seq, and the log is whole', async () => {
      const rooms = [freshRoom().room, freshRoom().room, freshRoom().room];
      for (let seq = 1; seq <= 12; seq++) {
        const write = (server: RoomLog, person: string, names: RoomName[]) =>
          server.append(
            names.map((room) => batchOf(room, seq, { parts: [{ update: new Uint8Array([seq]), person }] })),
          );
        const [mine, theirs] = await Promise.all([
          write(log, anna, rooms),
          write(other, ben, [...rooms].reverse()),
        ]);
        const wins = rooms.map((_, i) =>
          [mine[i], theirs[rooms.length - 1 - i]].filter((outcome) => outcome === 'committed'),
        );
        expect(wins.map(({ length }) => length)).toEqual([1, 1, 1]);
      }
      for (const room of rooms)
        expect(updatesOf(await log.load(room))).toEqual(
          Array.from({ length: 12 }, (_, i) => new Uint8Array([i + 1])),
        );
    });
  });

  describe('the rows of search and REST', () => {
    test('[PROJ1] every field of an annotation and of a comment is kept', async () => {
      const { room, layer } = freshRoom();
      const plain = annotationRow(layer);
      const full = annotationRow(layer, {
        edited: 5,
        suggestion: 'other words',
        status: 'resolved',
        decision: 'accepted',
        assignedTo: ben,
        hidden: true,
        removed: 6,
        tags: [],
      });
      const whole = annotationRow(layer, { exact: null, from: null, to: null });
      const comments = [
        commentRow(layer, { annotation: full.id }),
        commentRow(layer, { parent: randomUUID(), edited: 7, hidden: true, removed: 8 }),
      ];
      const projection = [plain, full, whole, ...comments];
      await log.append([batchOf(room, 1, { projection })]);
      expect(byId(await rows(layer))).toEqual(byId(projection));
    });

    test('[PROJ2] a later row of a key replaces the earlier one, in one batch and in the next', async () => {
      const { room, layer } = freshRoom();
      const row = commentRow(layer, { body: 'first' });
      const annotation = annotationRow(layer, { color: 'sky' });
      await log.append([batchOf(room, 1, { projection: [row, annotation, { ...row, body: 'second' }] })]);
      expect(byId(await rows(layer))).toEqual(byId([{ ...row, body: 'second' }, annotation]));
      const third = { ...row, body: 'third', edited: 9, removed: 10 };
      const moved = { ...annotation, exact: 'elsewhere', from: 1, to: 2, status: 'resolved' as const };
      await log.append([batchOf(room, 2, { projection: [third, moved] })]);
      expect(byId(await rows(layer))).toEqual(byId([third, moved]));
    });

    test('[PROJ3, B4] one id in two layers is two rows: nobody overwrites a row of another layer', async () => {
      const a = freshRoom();
      const b = freshRoom();
      const row = commentRow(a.layer, { body: 'mine' });
      const same = { ...row, layer: b.layer, body: 'theirs' };
      await log.append([batchOf(a.room, 1, { projection: [row] })]);
      await log.append([batchOf(b.room, 1, { projection: [same] })]);
      expect(await rows(a.layer)).toEqual([row]);
      expect(await rows(b.layer)).toEqual([same]);
    });
  });

  describe('catching up', () => {
    test('[LOG14] `since` gives the batches after a seq, oldest first', async () => {
      const { room } = freshRoom();
      for (const seq of [1, 2, 3]) await log.append([batchOf(room, seq)]);
      const batches = await other.since(room, 1);
      expect(batches?.map(({ seq, updates }) => [seq, updates])).toEqual([
        [2, [new Uint8Array([2, 0, 255])]],
        [3, [new Uint8Array([3, 0, 255])]],
      ]);
      expect(await other.since(room, 3)).toEqual([]);
    });

    test('[LOG15] who is ahead of the log (a backup was restored) is told to load the whole', async () => {
      const { room } = freshRoom();
      await log.append([batchOf(room, 1)]);
      expect(await log.since(room, 2)).toBeNull();
    });
  });

  describe('stored states', () => {
    test('[LOG16] a stored state stands for the log up to its seq, and the tail follows it', async () => {
      const { room } = freshRoom();
      const clients = new Map([[1, anna]]);
      for (const seq of [1, 2, 3]) await log.append([batchOf(room, seq, seq === 1 ? { clients } : {})]);
      await keep(room, stateAt(2));
      const tail = [{ seq: 3, updates: [new Uint8Array([3, 0, 255])] }];
      expect(await other.load(room)).toMatchObject({ seq: 3, stored: stateAt(2), tail });
      expect(await other.clients(room, 3)).toEqual(clients);
      await keep(room, stateAt(3));
      expect(await other.load(room)).toMatchObject({ seq: 3, stored: stateAt(3), tail: [] });
    });

    test('[LOG17] an older state never replaces a newer one, and none may be ahead of the log', async () => {
      const { room } = freshRoom();
      for (const seq of [1, 2]) await log.append([batchOf(room, seq)]);
      await keep(room, stateAt(2));
      await keep(room, stateAt(1));
      await keep(room, stateAt(2, new Uint8Array([40])));
      expect((await log.load(room)).stored).toEqual(stateAt(2));
      await expect(keep(room, stateAt(3))).rejects.toThrow('not reached');
    });

    test('[LOG18] a state of many MB comes back whole', async () => {
      const { room } = freshRoom();
      await log.append([batchOf(room, 1)]);
      const bytes = new Uint8Array(randomBytes(2 * 1024 * 1024 + 1));
      await keep(room, stateAt(1, bytes));
      const { stored } = await other.load(room);
      expect(Buffer.from(stored?.pieces ?? []).equals(bytes)).toBe(true);
      expect({ ...stored, pieces: null }).toEqual({ ...stateAt(1), pieces: null });
    });

    test('[LOG19] who asks for batches that compaction has taken is told to load the whole, from the stored state', async () => {
      const { room } = freshRoom();
      for (let seq = 1; seq <= 5; seq++) await log.append([batchOf(room, seq)]);
      await keep(room, stateAt(4));
      await forget(room, 3);
      expect(await other.since(room, 2)).toBeNull();
      expect((await other.since(room, 3))?.map(({ seq }) => seq)).toEqual([4, 5]);
      expect(await other.load(room)).toMatchObject({ seq: 5, stored: stateAt(4), tail: [{ seq: 5 }] });
    });

    test('[LOG21] from a removal on, until a newer state is stored, the room is loaded as uncleansed', async () => {
      const { room } = freshRoom();
      const uncleansed = async () => (await other.load(room)).uncleansed;
      await log.append([batchOf(room, 1)]);
      await keep(room, stateAt(1));
      expect(await uncleansed()).toBe(false);
      await log.append([batchOf(room, 2, { removes: true })]);
      expect(await uncleansed()).toBe(true);
      await log.append([batchOf(room, 3), batchOf(room, 4, { removes: true }), batchOf(room, 5)]);
      await keep(room, stateAt(3));
      expect(await uncleansed()).toBe(true);
      await keep(room, stateAt(4));
      expect(await uncleansed()).toBe(false);
      // The very first batch of a room, too; and nothing of a batch that is a conflict.
      const fresh = freshRoom().room;
      await log.append([batchOf(fresh, 1, { removes: true })]);
      expect(await log.append([batchOf(fresh, 1, { removes: true })])).toEqual(['conflict']);
      expect((await log.load(fresh)).uncleansed).toBe(true);
    });
  });
}
