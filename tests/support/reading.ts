/** People who read one layer against the fake server: `anna.notes('...')`, `anna.reloads()`. */

import type { RoomName } from '#core/rooms.js';
import { openLayer } from '../../client/session/layer.js';
import { MemoryStore } from '../../client/session/memory-store.js';
import { openSession } from '../../client/session/session.js';
import type { Layer, RoomCopy, Session } from '../../client/session/types.js';
import { FakeClock, type FakeConnection, type FakeServer } from './fake-server.js';

export const layerRoom: RoomName = 'layer:01900000-0000-7000-8000-00000000000a';

const ids: Record<string, string> = {
  anna: '01900000-0000-7000-8000-0000000000a1',
  ben: '01900000-0000-7000-8000-0000000000b1',
};

export class Reader {
  readonly id: string;
  readonly clock = new FakeClock();
  readonly store: MemoryStore;
  session!: Session;
  connection!: FakeConnection;
  copy!: RoomCopy;
  layer!: Layer;
  readonly #server: FakeServer;
  readonly #name: string;
  readonly #room: RoomName;

  private constructor(server: FakeServer, name: string, room: RoomName, store: MemoryStore) {
    this.#server = server;
    this.#name = name;
    this.#room = room;
    this.store = store;
    this.id = ids[name] ?? name;
  }

  /** Opens the layer on a device, with no connection yet. */
  static async offline(
    server: FakeServer,
    name = 'anna',
    { room = layerRoom, store = new MemoryStore({ lasting: true }) } = {},
  ): Promise<Reader> {
    const reader = new Reader(server, name, room, store);
    await reader.#open();
    return reader;
  }

  /** As a page opens in a browser: states can be fetched, and the connection is being made. */
  static async connecting(server: FakeServer, name = 'anna'): Promise<Reader> {
    const reader = new Reader(server, name, layerRoom, new MemoryStore({ lasting: true }));
    await reader.#open(true);
    return reader;
  }

  static async online(
    server: FakeServer,
    name = 'anna',
    options: { room?: RoomName; store?: MemoryStore } = {},
  ): Promise<Reader> {
    const reader = await Reader.offline(server, name, options);
    reader.connection.open();
    await server.settle();
    return reader;
  }

  /** The page is gone without a word; another one opens on the same device, offline. */
  async reloads(): Promise<void> {
    await this.session.close();
    await this.#open();
  }

  goesOnline(): void {
    this.connection.open();
  }

  notes(body: string): string {
    const id = this.layer.annotate({ target: null, motivation: 'commenting', color: 'amber', body });
    if (id === null) throw new Error('may not annotate');
    return id;
  }

  replies(annotation: string, body: string): string {
    const id = this.layer.comment({ annotation, body });
    if (id === null) throw new Error('may not comment');
    return id;
  }

  /** The bodies of all comments, in the order of time. */
  reads(): string[] {
    const threads = this.layer.ids.get().flatMap((id) => this.layer.thread(id).get() ?? []);
    return threads
      .flatMap((thread) => thread.comments)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ comment }) => comment.body);
  }

  async #open(reaches = false): Promise<void> {
    this.connection = this.#server.connect(this.id);
    this.connection.reaches = reaches;
    this.session = await openSession({
      me: { id: this.id, name: this.#name },
      storage: this.store,
      transport: this.connection,
      clock: this.clock,
    });
    this.copy = this.session.open(this.#room);
    this.layer = openLayer(this.copy, this.session);
    await this.#server.settle();
  }
}

/** The bodies of all comments that the server holds, in the order of time. */
export function stored(server: FakeServer, room = layerRoom): string[] {
  const comments = server.room(room).doc.getMap<{ body: string }>('comments');
  return [...comments.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { body }]) => body);
}
