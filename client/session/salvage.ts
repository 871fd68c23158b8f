/**
 * What becomes of my words when a copy of a room is lost: they turn into drafts, or are written again into the next
 * copy. Where several tabs hold the same words, the one that finds them in the store deals with them.
 */

import type { RefusalCode } from '#core/result.js';
import type { RoomKind, RoomName } from '#core/rooms.js';
import type { Writer } from '#core/rules.js';
import type * as Y from 'yjs';
import { writeAgain } from './again.js';
import { draftsOf, type DraftList } from './drafts.js';
import type { Outbox } from './outbox.js';
import type { Clock, DeviceStore, OutboxEntry } from './ports.js';

interface Services {
  readonly store: DeviceStore;
  readonly clock: Clock;
  readonly drafts: DraftList;
  readonly outbox: Outbox;
  /** Deals with a failure of the device; undefined then. */
  readonly keep: <T>(kept: Promise<T>) => Promise<T | undefined>;
}

export class Salvage {
  readonly #room: RoomName;
  readonly #services: Services;

  constructor(room: RoomName, services: Services) {
    this.#room = room;
    this.#services = services;
  }

  /** Makes drafts of these entries. */
  async refuse(entries: readonly OutboxEntry[], code: RefusalCode): Promise<void> {
    if (entries.length === 0) return;
    const { store, clock, drafts, outbox, keep } = this.#services;
    const words = new Map(entries.map((entry) => [entry.id, draftsOf(entry, code, clock.now())]));
    const ids = [...words.keys()];
    const found = await keep(store.refuse(this.#room, words));
    const mine = found ? outbox.mine(ids, found) : new Set(ids);
    // Drafts first: at no moment is it said that all is stored.
    drafts.add([...mine].flatMap((id) => words.get(id) ?? []));
    outbox.remove(new Set(ids));
  }

  /** Forgets what this device keeps of the room; whatever waits is loose from then on. */
  async dropCopy(): Promise<void> {
    const { store, outbox, keep } = this.#services;
    const ids = outbox.entries.filter(({ loose }) => !loose).map(({ id }) => id);
    const found = await keep(store.drop(this.#room, ids));
    const mine = found ? outbox.mine(ids, found) : new Set(ids);
    outbox.loosen(mine);
    outbox.remove(new Set(ids.filter((id) => !mine.has(id))));
  }

  /** Enters loose entries into the document that a join has just brought, with the rights that it told. */
  writeAgain(kind: RoomKind, doc: Y.Doc, writer: Writer): void {
    const { store, outbox, keep } = this.#services;
    const loose = outbox.entries.filter((entry) => entry.loose);
    if (loose.length === 0) return;
    for (const { entry, what } of writeAgain(loose, kind, doc, writer)) {
      if (what === 'written') continue;
      if (what === 'known') {
        void keep(store.acknowledge(this.#room, null, [entry]));
        outbox.remove(new Set([entry.id]));
      } else void this.refuse([entry], what);
    }
  }
}
