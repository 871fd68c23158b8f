/**
 * Old rows of the log as rows of its history: what one person wrote in a row within a minute becomes one update. The
 * order stays, and with it who and when; between whose keystrokes another's came is not told apart any more.
 */

import * as Y from 'yjs';
import type { Row } from './rows.js';

export interface HistoryRow {
  readonly seq: number;
  readonly part: number;
  readonly toSeq: number;
  readonly update: Uint8Array;
  readonly more: boolean;
  readonly person: string;
  /** Milliseconds since 1970. */
  readonly minute: number;
}

/** Bounds of one merged row: above the first an update would be stored in pieces; merging costs more than it is long. */
const mostBytes = 512 * 1024;
const mostUpdates = 200;

const minuteOf = (at: number): number => at - (at % 60_000);

export function merge(rows: readonly Row[]): HistoryRow[] {
  const merged: HistoryRow[] = [];
  let run: Row[] = [];
  let bytes = 0;
  const close = (): void => {
    const [first] = run;
    const last = run.at(-1);
    if (!first || !last) return;
    const { seq, part, person, at } = first;
    const updates = run.map(({ update }) => update);
    const update = updates.length === 1 ? first.update : Y.mergeUpdates(updates);
    merged.push({ seq, part, toSeq: last.seq, update, more: false, person, minute: minuteOf(at) });
    run = [];
    bytes = 0;
  };
  let goesOn = false;
  for (const row of rows) {
    // An update that is stored in several rows stays as it is.
    if (row.more || goesOn) {
      close();
      const { seq, part, update, more, person, at } = row;
      merged.push({ seq, part, toSeq: seq, update, more, person, minute: minuteOf(at) });
      goesOn = row.more;
      continue;
    }
    const [first] = run;
    const joins =
      first?.person === row.person &&
      minuteOf(first.at) === minuteOf(row.at) &&
      run.length < mostUpdates &&
      bytes + row.update.length <= mostBytes;
    if (!joins) close();
    run.push(row);
    bytes += row.update.length;
  }
  close();
  return merged;
}
