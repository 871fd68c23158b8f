/**
 * What is written and not posted yet, kept on this device from the first letter: new notes with their passage,
 * replies and edits with their thread. Each is kept under a name of its own, so two windows do not meet in one.
 */

import type { Color, Motivation, Target } from '#core/entries.js';
import { Value } from '../session/value.js';

export interface NewNote {
  readonly id: string;
  readonly audience: 'shared' | 'private';
  readonly motivation: Motivation;
  readonly color: Color;
  readonly target: Target;
  readonly body: string;
}

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

type Kept = Omit<NewNote, 'target'> & {
  target: Omit<Target, 'start' | 'end'> & { start: string; end: string };
};

const serialize = (note: NewNote): string =>
  JSON.stringify({
    ...note,
    target: { ...note.target, start: toBase64(note.target.start), end: toBase64(note.target.end) },
  } satisfies Kept);

export function parseNote(text: string): NewNote | null {
  try {
    const note = JSON.parse(text) as Kept;
    const target = { ...note.target, start: fromBase64(note.target.start), end: fromBase64(note.target.end) };
    return { ...note, target };
  } catch {
    return null; // another version wrote it
  }
}

/** The part of `localStorage` that is used, so that tests need no browser. */
export type Keeping = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export class Drafts {
  readonly notes: Value<readonly NewNote[]>;
  /** False once this device would not keep something: the page then does not say that it did. */
  readonly kept = new Value(true);
  readonly #prefix: string;
  readonly #storage: Keeping;
  readonly #texts = new Map<string, string>();

  constructor(person: string, document: string, storage: Keeping) {
    this.#prefix = `marginalia.draft.${person}.${document}.`;
    this.#storage = storage;
    this.notes = new Value<readonly NewNote[]>(this.#readNotes());
  }

  put(note: NewNote): void {
    const others = this.notes.get().filter(({ id }) => id !== note.id);
    this.notes.set([...others, note]);
    if (note.body !== '') this.#keep(`note.${note.id}`, serialize(note));
    else this.#drop(`note.${note.id}`);
  }

  drop(id: string): void {
    this.notes.set(this.notes.get().filter((note) => note.id !== id));
    this.#drop(`note.${id}`);
  }

  /** The words of a reply (`reply:<thread>`) or an edit (`edit:<comment>`); null: none begun. */
  text(of: string): string | null {
    return this.#texts.get(of) ?? this.#read(`text.${of}`);
  }

  setText(of: string, words: string | null): void {
    if (words === null || words === '') {
      this.#texts.delete(of);
      this.#drop(`text.${of}`);
    } else {
      this.#texts.set(of, words);
      this.#keep(`text.${of}`, words);
    }
  }

  #readNotes(): NewNote[] {
    const found: NewNote[] = [];
    try {
      for (let index = 0; index < this.#storage.length; index++) {
        const key = this.#storage.key(index);
        if (!key?.startsWith(`${this.#prefix}note.`)) continue;
        const note = parseNote(this.#storage.getItem(key) ?? '');
        if (note) found.push(note);
      }
    } catch {
      this.kept.set(false); // storage is switched off
    }
    return found;
  }

  #read(name: string): string | null {
    try {
      return this.#storage.getItem(this.#prefix + name);
    } catch {
      return null;
    }
  }

  #keep(name: string, words: string): void {
    try {
      this.#storage.setItem(this.#prefix + name, words);
      this.kept.set(true);
    } catch {
      this.kept.set(false); // full, or switched off
    }
  }

  #drop(name: string): void {
    try {
      this.#storage.removeItem(this.#prefix + name);
    } catch {
      this.kept.set(false);
    }
  }
}
