/** A room log in memory, under the same contract as the one in PostgreSQL. Several may share one store, as servers do. */

import { UUID } from '../../core/rooms.js';
import type { AppendOutcome, LoadedRoom, RoomBatch, RoomLog, StoredState } from '../../server/rooms/ports.js';
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
  readonly stored: StoredState | null;
  /** Batches up to this one are gone, as compaction takes them. */
  readonly forgotten: number;
  readonly uncleansed: number | null;
}

export class MemoryStore {
  rooms = new Map<string, StoredRoom>();
  /** By kind, layer and id. */
  rows = new Map<string, ProjectionChange>();

  rowsOf(layer: string): ProjectionChange[] {
    return [...this.rows.values()].filter((row) => row.layer === layer);
  }

  /** What the care of the log does: stores a state, unless there is a newer one. */
  keep(name: string, state: StoredState): void {
    const room = this.rooms.get(name);
    if (!room || headOf(room) < state.seq) throw new Error(`The log of ${name} has not reached ${state.seq}`);
    if ((room.stored?.seq ?? 0) < state.seq) this.rooms.set(name, { ...room, stored: state });
  }

  /** What compaction does: takes the batches up to `seq`. */
  forget(name: string, seq: number): void {
    const room = this.rooms.get(name);
    if (room) this.rooms.set(name, { ...room, forgotten: seq });
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
      const epoch = `memory${++epochs}`;
      return Promise.resolve({ epoch, seq: 0, stored: null, tail: [], uncleansed: false });
    }
    const { epoch, stored, batches, forgotten, uncleansed } = room;
    const reached = stored?.seq ?? 0;
    if (reached < forgotten) return Promise.reject(new Error(`The log of ${name} has a gap`));
    const tail = batches.slice(reached).map(({ seq, updates }) => ({ seq, updates }));
    return Promise.resolve({
      epoch,
      seq: headOf(room),
      stored,
      tail,
      uncleansed: uncleansed !== null && uncleansed > reached,
    });
  }

  clients(name: string, seq: number): ReturnType<RoomLog['clients']> {
    const batches = this.#store.rooms.get(name)?.batches.slice(0, seq) ?? [];
    return Promise.resolve(new Map(batches.flatMap(({ clients }) => [...clients])));
  }

  since(name: string, seq: number): ReturnType<RoomLog['since']> {
    const room = this.#store.rooms.get(name);
    const gone = seq > headOf(room) || seq < (room?.forgotten ?? 0);
    return Promise.resolve(gone ? null : (room?.batches.slice(seq) ?? []));
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
}

const emptyRoom = (epoch: string): StoredRoom => ({
  epoch,
  batches: [],
  clients: new Map(),
  stored: null,
  forgotten: 0,
  uncleansed: null,
});

function appendOne(store: MemoryStore, batch: RoomBatch): AppendOutcome {
  const { room: name, seq, epoch, parts, clients, removes, projection } = batch;
  if (parts.length === 0) throw new Error(`A batch of ${name} has no parts`);
  const room = store.rooms.get(name) ?? emptyRoom(epoch);
  const clash = [...clients].some(([client, person]) => (room.clients.get(client) ?? person) !== person);
  if (clash || room.epoch !== epoch || headOf(room) !== seq - 1) return 'conflict';
  const fresh = new Map([...clients].filter(([client]) => !room.clients.has(client)));
  store.rooms.set(name, {
    ...room,
    batches: [...room.batches, { seq, updates: parts.map(({ update }) => update), clients: fresh }],
    clients: new Map([...room.clients, ...fresh]),
    uncleansed: removes ? seq : room.uncleansed,
  });
  for (const row of projection) {
    if (!UUID.test(row.layer) || !UUID.test(row.id)) throw new Error(`${row.layer} ${row.id} is no UUID`);
    store.rows.set(`${row.kind} ${row.layer} ${row.id}`, row);
  }
  return 'committed';
}
