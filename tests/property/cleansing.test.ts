import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as Y from 'yjs';
import { cleansed } from '../../server/database/care/cleanse.js';
import { merge } from '../../server/database/care/merge.js';
import { RemovedWords } from '../../server/database/care/removed-words.js';
import { anAct, entriesOf, RandomRoom, rebuilt, type Act, type LoggedRow } from '../support/random-room.js';

const withActs = (test: (room: RandomRoom, acts: readonly Act[]) => void, numRuns = 150): void =>
  fc.assert(
    fc.property(fc.array(anAct, { minLength: 20, maxLength: 150 }), (acts) => test(new RandomRoom(), acts)),
    { numRuns },
  );
const play = (room: RandomRoom, acts: readonly Act[]): void => {
  for (const act of acts) room.act(act);
  room.settle();
};
const updatesOf = (rows: readonly { update: Uint8Array }[]): Uint8Array[] => rows.map(({ update }) => update);
const cleanse = <R extends { update: Uint8Array }>(rows: readonly R[], words: RemovedWords): R[] =>
  rows.map((row) => ({ ...row, update: cleansed(row.update, words) ?? row.update }));
const asRows = (rows: readonly LoggedRow[]) => rows.map((row) => ({ ...row, toSeq: row.seq, more: false }));

/** What a replay shows of the things that are removed now, without their words. */
function withoutWords(doc: Y.Doc, removed: readonly string[]): unknown {
  const entries = entriesOf(doc) as Record<string, Record<string, Record<string, unknown>>>;
  for (const id of removed) {
    const annotation = entries['annotations']?.[id];
    if (annotation) {
      annotation['tags'] = [];
      delete annotation['suggestion'];
      delete annotation['jsonld'];
    }
    const comment = entries['comments']?.[id];
    if (comment) comment['body'] = '';
  }
  return entries;
}

describe('rows of the log without the words of what is removed', () => {
  it('[CARE10] hold none of them, and rebuild the same document, byte for byte', () => {
    let hidden = 0;
    withActs((room, acts) => {
      play(room, acts);
      const rows = cleanse(room.rows, new RemovedWords(room.server));
      hidden += updatesOf(room.rows).flatMap((bytes) => room.wordsIn(bytes)).length;
      expect(updatesOf(rows).flatMap((bytes) => room.wordsIn(bytes))).toEqual([]);
      const [before, after] = [rebuilt(updatesOf(room.rows)), rebuilt(updatesOf(rows))];
      expect(after.bytes.equals(before.bytes)).toBe(true);
      expect(after.entries).toEqual(entriesOf(room.server));
    });
    // Otherwise nothing was tested.
    expect(hidden).toBeGreaterThan(500);
  });

  it('[CARE11] show at every step of a replay who wrote, when and about what', () => {
    withActs((room, acts) => {
      play(room, acts);
      const rows = cleanse(room.rows, new RemovedWords(room.server));
      for (let length = 1; length <= rows.length; length += 3) {
        const [before, after] = [room.rows, rows].map(
          (list) => rebuilt(updatesOf(list.slice(0, length))).doc,
        );
        if (!before || !after) throw new Error('two lists');
        expect(withoutWords(after, room.removed())).toEqual(withoutWords(before, room.removed()));
      }
    }, 50);
  });

  it('[CARE12] may be cleansed again and again while work goes on', () => {
    withActs((room, acts) => {
      for (const [i, act] of acts.entries()) {
        room.act(act);
        if (i % 20 !== 19) continue;
        const words = new RemovedWords(room.server);
        for (const row of room.rows) row.update = cleansed(row.update, words) ?? row.update;
      }
      room.settle();
      const words = new RemovedWords(room.server);
      const rows = cleanse(room.rows, words);
      expect(updatesOf(rows).flatMap((bytes) => room.wordsIn(bytes))).toEqual([]);
      expect(rebuilt(updatesOf(rows)).entries).toEqual(entriesOf(room.server));
      for (const { update } of rows) expect(cleansed(update, words)).toBeNull();
    });
  });

  it('[CARE12] words of what lives stay where they are', () => {
    withActs((room, acts) => {
      play(room, acts);
      const words = new RemovedWords(room.server);
      const living = [...room.words].flatMap(([id, written]) => (room.removed().includes(id) ? [] : written));
      for (const { update } of room.rows) {
        const [before, after] = [update, cleansed(update, words) ?? update].map((bytes) =>
          Buffer.from(bytes),
        );
        for (const word of living) expect(after?.includes(word)).toBe(before?.includes(word));
      }
    }, 50);
  });
});

describe('rows of the log as history', () => {
  it('[CARE13] merged by person and minute they rebuild the same document, and keep who and when in their order', () => {
    let fewer = 0;
    withActs((room, acts) => {
      play(room, acts);
      const rows = asRows(room.rows);
      const moved = Math.floor(rows.length * 0.8);
      const history = merge(rows.slice(0, moved));
      fewer += moved - history.length;
      const after = rebuilt([...updatesOf(history), ...updatesOf(rows.slice(moved))]);
      expect(after.entries).toEqual(entriesOf(room.server));
      const runs: string[] = [];
      for (const { person, at } of rows.slice(0, moved)) {
        const run = `${person} ${at - (at % 60_000)}`;
        if (runs.at(-1) !== run) runs.push(run);
      }
      expect(history.map(({ person, minute }) => `${person} ${minute}`)).toEqual(runs);
    });
    expect(fewer).toBeGreaterThan(100);
  });

  it('[CARE14] merged first and cleansed then, or the other way round, they hold no removed word and rebuild the same', () => {
    withActs((room, acts) => {
      play(room, acts);
      const words = new RemovedWords(room.server);
      for (const rows of [
        cleanse(merge(asRows(room.rows)), words),
        merge(cleanse(asRows(room.rows), words)),
      ]) {
        expect(updatesOf(rows).flatMap((bytes) => room.wordsIn(bytes))).toEqual([]);
        expect(rebuilt(updatesOf(rows)).entries).toEqual(entriesOf(room.server));
      }
    });
  });
});
