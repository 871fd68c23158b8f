import { describe, expect, test } from 'vitest';
import { Drafts, parseNote, type Keeping, type NewNote } from '../../client/margin/drafts.js';

class MemoryKeeping implements Keeping {
  readonly kept = new Map<string, string>();
  full = false;

  get length(): number {
    return this.kept.size;
  }
  key(index: number): string | null {
    return [...this.kept.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, words: string): void {
    if (this.full) throw new DOMException('full', 'QuotaExceededError');
    this.kept.set(key, words);
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

const note = (id: string, body: string): NewNote => ({
  id,
  audience: 'private',
  motivation: 'commenting',
  color: 'sand',
  body,
  target: {
    start: new Uint8Array([0, 200, 255]),
    end: new Uint8Array([1]),
    exact: '页边',
    prefix: '',
    suffix: '',
    from: 3,
    to: 5,
  },
});

describe('drafts', () => {
  test('[PAGE13] are kept from the first letter and are there after the window was closed', () => {
    const storage = new MemoryKeeping();
    const drafts = new Drafts('anna', 'text', storage);
    drafts.put(note('1', ''));
    expect(storage.length).toBe(0);
    drafts.put(note('1', 'w'));
    drafts.setText('reply:a/b', 'because');
    const later = new Drafts('anna', 'text', storage);
    expect(later.notes.get()).toEqual([note('1', 'w')]);
    expect(later.text('reply:a/b')).toBe('because');
    expect(later.text('reply:a/c')).toBeNull();
  });

  test('[PAGE13] belong to one person and one text', () => {
    const storage = new MemoryKeeping();
    new Drafts('anna', 'text', storage).put(note('1', 'mine'));
    expect(new Drafts('ben', 'text', storage).notes.get()).toEqual([]);
    expect(new Drafts('anna', 'other', storage).notes.get()).toEqual([]);
  });

  test('[PAGE13] go when they are posted or thrown away', () => {
    const storage = new MemoryKeeping();
    const drafts = new Drafts('anna', 'text', storage);
    drafts.put(note('1', 'words'));
    drafts.setText('edit:a/b', 'words');
    drafts.drop('1');
    drafts.setText('edit:a/b', '');
    expect(storage.length).toBe(0);
    expect(drafts.notes.get()).toEqual([]);
    expect(drafts.text('edit:a/b')).toBeNull();
  });

  test('[PAGE14] are not said to be kept where the device refuses', () => {
    const storage = new MemoryKeeping();
    const drafts = new Drafts('anna', 'text', storage);
    storage.full = true;
    drafts.put(note('1', 'words'));
    drafts.setText('reply:a/b', 'because');
    expect(drafts.kept.get()).toBe(false);
    expect(drafts.notes.get()).toEqual([note('1', 'words')]);
    expect(drafts.text('reply:a/b')).toBe('because');
    storage.full = false;
    drafts.put(note('1', 'words!'));
    expect(drafts.kept.get()).toBe(true);
  });

  test('[PAGE13] of another version are left alone', () => {
    expect(parseNote('{')).toBeNull();
    expect(parseNote('{"id":"1"}')).toBeNull();
  });
});
