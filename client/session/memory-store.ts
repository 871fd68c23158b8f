/** A device store that lives in this page only: where the browser keeps nothing, and in tests. */

import type { RoomName } from '#core/rooms.js';
import { headAfter } from './head.js';
import type { DeviceStore, Head, OutboxEntry, StoredRoom } from './ports.js';
import type { Draft } from './types.js';

interface Kept {
  head: Head;
  pieces: Uint8Array[];
  tail: Uint8Array[];
}

export class MemoryStore implements DeviceStore {
  readonly lasting: boolean;
  readonly #rooms = new Map<RoomName, Kept>();
  readonly #outbox = new Map<string, OutboxEntry>();
  readonly #drafts = new Map<string, Draft>();

  /** @param lasting tests hand one store to several sessions, one after the other or at once. */
  constructor({ lasting = false } = {}) {
    this.lasting = lasting;
  }

  first(): boolean {
    return true;
  }

  waiting(): Promise<readonly RoomName[]> {
    return Promise.resolve([...new Set([...this.#outbox.values()].map(({ room }) => room))]);
  }

  load(room: RoomName): Promise<StoredRoom> {
    const kept = this.#rooms.get(room);
    const { head = null, pieces = [], tail = [] } = kept ?? {};
    return Promise.resolve({
      head,
      updates: [...pieces, ...tail],
      tail: tail.length,
      outbox: this.#of(room),
    });
  }

  outbox(room: RoomName): Promise<readonly OutboxEntry[]> {
    return Promise.resolve(this.#of(room));
  }

  receive(room: RoomName, head: Head, updates: readonly Uint8Array[], after: number | null): Promise<void> {
    const kept = this.#rooms.get(room);
    if (after === null) this.#rooms.set(room, { head, pieces: [...updates], tail: [] });
    else if (kept?.head.epoch === head.epoch) {
      kept.head = headAfter(kept.head, head, after);
      kept.tail.push(...updates);
    }
    return Promise.resolve();
  }

  keep(entry: OutboxEntry): Promise<void> {
    this.#outbox.set(entry.id, entry);
    return Promise.resolve();
  }

  acknowledge(
    room: RoomName,
    head: Head | null,
    entries: readonly OutboxEntry[],
    after = head?.seq ?? 0,
  ): Promise<void> {
    for (const { id } of entries) this.#outbox.delete(id);
    if (!head) return Promise.resolve();
    const updates = entries.map(({ update }) => update);
    return this.receive(room, head, updates, after);
  }

  refuse(_: RoomName, refused: ReadonlyMap<string, readonly Draft[]>): Promise<ReadonlySet<string>> {
    const found = new Set([...refused.keys()].filter((id) => this.#outbox.delete(id)));
    for (const id of found) for (const draft of refused.get(id) ?? []) this.#drafts.set(draft.id, draft);
    return Promise.resolve(found);
  }

  drop(room: RoomName, loosen: readonly string[]): Promise<ReadonlySet<string>> {
    this.#rooms.delete(room);
    const found = new Set<string>();
    for (const id of loosen) {
      const entry = this.#outbox.get(id);
      if (!entry || entry.loose) continue;
      this.#outbox.set(id, { ...entry, loose: true });
      found.add(id);
    }
    return Promise.resolve(found);
  }

  drafts(): Promise<readonly Draft[]> {
    return Promise.resolve([...this.#drafts.values()].sort((a, b) => a.at - b.at));
  }

  takeDrafts(ids: readonly string[], entry: OutboxEntry | null): Promise<boolean> {
    if (!ids.every((id) => this.#drafts.has(id))) return Promise.resolve(false);
    for (const id of ids) this.#drafts.delete(id);
    if (entry) this.#outbox.set(entry.id, entry);
    return Promise.resolve(true);
  }

  compact(room: RoomName): Promise<void> {
    const kept = this.#rooms.get(room);
    if (kept) {
      kept.pieces.push(...kept.tail);
      kept.tail = [];
    }
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #of(room: RoomName): OutboxEntry[] {
    return [...this.#outbox.values()]
      .filter((entry) => entry.room === room)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
