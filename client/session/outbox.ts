/**
 * What I made in one room and the server has not acknowledged: in memory, and on this device as soon as it is made.
 * Nothing is sent before it is kept, so a page that dies sends the same structs again.
 */

import type { DeviceStore, OutboxEntry } from './ports.js';
import { subject } from './writes.js';

export class Outbox {
  readonly #store: DeviceStore;
  readonly #failed: (error: unknown) => void;
  readonly #changed: () => void;
  #entries: readonly OutboxEntry[] = [];
  readonly #kept = new Set<OutboxEntry>();
  /** Ids of entries that the device could not keep. */
  readonly #homeless = new Set<string>();

  /**
   * @param changed is called whenever entries come, go, or become durable.
   * @param failed this device does not keep: the words live in this page only.
   */
  constructor(store: DeviceStore, changed: () => void, failed: (error: unknown) => void) {
    this.#store = store;
    this.#changed = changed;
    this.#failed = failed;
  }

  /** Oldest first. */
  get entries(): readonly OutboxEntry[] {
    return this.#entries;
  }

  has(entry: OutboxEntry): boolean {
    return this.#entries.includes(entry);
  }

  isKept(entry: OutboxEntry): boolean {
    return this.#kept.has(entry);
  }

  /** Ids of the annotations and comments that these changes are about. */
  subjects(): Set<string> {
    return new Set(this.#entries.flatMap(({ writes }) => writes.map(subject)));
  }

  /** Of these ids, those that are this tab's to deal with: which the store still `found`, or never held. */
  mine(ids: readonly string[], found: ReadonlySet<string>): Set<string> {
    return new Set(ids.filter((id) => found.has(id) || this.#homeless.has(id)));
  }

  /** Takes over what the store holds and this tab does not know yet; returns those. */
  adopt(entries: readonly OutboxEntry[]): OutboxEntry[] {
    const news = entries.filter(({ id }) => !this.#entries.some((entry) => entry.id === id));
    for (const entry of news) this.#kept.add(entry);
    // Ids are UUID v7: their order is that of time, over tabs and earlier days too.
    if (news.length > 0) this.#set([...this.#entries, ...news].sort((a, b) => (a.id < b.id ? -1 : 1)));
    return news;
  }

  /** Adds an entry, or puts it in the place of the one with its id. */
  put(entry: OutboxEntry): void {
    const index = this.#entries.findIndex(({ id }) => id === entry.id);
    this.#set(index < 0 ? [...this.#entries, entry] : this.#entries.with(index, entry));
    const kept = (): void => {
      this.#kept.add(entry);
      this.#changed();
    };
    this.#store.keep(entry).then(kept, (error: unknown) => {
      this.#failed(error);
      this.#homeless.add(entry.id);
      // Sending is the one way left to save it.
      kept();
    });
  }

  /** Takes entries out of memory; what the store does with them is the caller's. */
  remove(ids: ReadonlySet<string>): void {
    if (ids.size > 0) this.#set(this.#entries.filter(({ id }) => !ids.has(id)));
  }

  /** Marks these as belonging to a Y.Doc that is gone, after the store did. */
  loosen(ids: ReadonlySet<string>): void {
    this.#set(
      this.#entries.map((entry) => {
        if (!ids.has(entry.id) || entry.loose) return entry;
        const loose = { ...entry, loose: true };
        if (this.#kept.has(entry)) this.#kept.add(loose);
        return loose;
      }),
    );
  }

  #set(entries: readonly OutboxEntry[]): void {
    this.#entries = entries;
    for (const entry of this.#kept) if (!entries.includes(entry)) this.#kept.delete(entry);
    this.#changed();
  }
}
