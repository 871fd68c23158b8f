/** A room log in memory, under the same contract as the one in PostgreSQL. Several may share one store, as servers do. */

import { UUID } from '../../core/rooms.js';
import type { AppendOutcome, LoadedRoom, RoomBatch, RoomLog } from '../../server/rooms/ports.js';
import type { ProjectionChange } from '../../server/rooms/projection.js';

interface StoredBatch {
  readonly seq: number;
  readonly updates: Uint8Array[];
  readonly clients: ReadonlyMap<number, string>;
}

interface StoredRoom {
  readonly epoch: string;
  readonly batches: readonly StoredBatch[];
  readonly clients: ReadonlyMap<number, string>;
  readonly snapshot?: { readonly seq: number; readonly state: Uint8Array };
}

export class MemoryStore {
  rooms = new Map<string, StoredRoom>();
  /** By kind, layer and id. */
  rows = new Map<string, ProjectionChange>();

  rowsOf(layer: string): ProjectionChange[] {
    return [...this.rows.values()].filter((row) => row.layer === layer);
  }
}

let epochs = 0;
const headOf = (room: StoredRoom | undefined): number => room?.batches.length ?? 0;

export class MemoryRoomLog implements RoomLog {
  readonly #store: MemoryStore;

  constructor(store = new MemoryStore()) {
    this.#store = store;
  }

  load(name: string): Promise<LoadedRoom> {
    const room = this.#store.rooms.get(name);
    if (!room) {
      return Promise.resolve({
        epoch: `memory${++epochs}`,
        seq: 0,
        updates: [],
        clients: new Map(),
        tail: 0,
      });
    }
    const tail = room.batches.slice(room.snapshot?.seq ?? 0).flatMap(({ updates }) => updates);
    return Promise.resolve({
      epoch: room.epoch,
      seq: headOf(room),
      updates: room.snapshot ? [room.snapshot.state, ...tail] : tail,
      clients: new Map(room.clients),
      tail: tail.length,
    });
  }

  since(name: string, seq: number): ReturnType<RoomLog['since']> {
    const room = this.#store.rooms.get(name);
    return Promise.resolve(seq > headOf(room) ? null : (room?.batches.slice(seq) ?? []));
  }

  head(name: string): Promise<number> {
    return Promise.resolve(headOf(this.#store.rooms.get(name)));
  }

  // Async, so that a refused batch rejects instead of throwing at once.
  // eslint-disable-next-line @typescript-eslint/require-await
  async append(batches: readonly RoomBatch[]): Promise<AppendOutcome[]> {
    const { rooms, rows } = this.#store;
    const next = new MemoryStore();
    next.rooms = new Map(rooms);
    next.rows = new Map(rows);
    const outcomes = batches.map((batch) => appendOne(next, batch));
    Object.assign(this.#store, next);
    return outcomes;
  }

  snapshot(name: string, seq: number, state: Uint8Array): Promise<void> {
    const room = this.#store.rooms.get(name);
    if (!room || headOf(room) < seq) return Promise.reject(new Error(`${name} has not reached ${seq}`));
    if ((room.snapshot?.seq ?? 0) < seq) this.#store.rooms.set(name, { ...room, snapshot: { seq, state } });
    return Promise.resolve();
  }
}

function appendOne(store: MemoryStore, batch: RoomBatch): AppendOutcome {
  const { room: name, seq, epoch, parts, clients, projection } = batch;
  if (parts.length === 0) throw new Error(`A batch of ${name} has no parts`);
  const room = store.rooms.get(name) ?? { epoch, batches: [], clients: new Map<number, string>() };
  const clash = [...clients].some(([client, person]) => (room.clients.get(client) ?? person) !== person);
  if (clash || room.epoch !== epoch || headOf(room) !== seq - 1) return 'conflict';
  const fresh = new Map([...clients].filter(([client]) => !room.clients.has(client)));
  store.rooms.set(name, {
    ...room,
    batches: [...room.batches, { seq, updates: parts.map(({ update }) => update), clients: fresh }],
    clients: new Map([...room.clients, ...fresh]),
  });
  for (const row of projection) {
    if (!UUID.test(row.layer) || !UUID.test(row.id)) throw new Error(`${row.layer} ${row.id} is no UUID`);
    store.rows.set(`${row.kind} ${row.layer} ${row.id}`, row);
  }
  return 'committed';
}
