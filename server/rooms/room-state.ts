/**
 * What this server has of one room: its committed bytes, and the document that is built from them when it is needed.
 * The document may run ahead of the database while a commit is in flight; the bytes never do.
 */

import type { Gate, TouchedKeys } from '#core/gate.js';
import { parseRoom, type Room, type RoomName } from '#core/rooms.js';
import * as Y from 'yjs';
import { CommittedBytes, merged } from './committed-bytes.js';
import { openGate } from './live.js';
import type { LoggedBatch, RoomLog } from './ports.js';

type CaughtUp = NonNullable<Awaited<ReturnType<RoomLog['since']>>>;

export class RoomState {
  readonly name: RoomName;
  readonly room: Room;
  readonly #log: RoomLog;
  #bytes: CommittedBytes;
  #gate: Gate | null = null;
  #building: Promise<Gate> | null = null;
  /** Another number whenever the document is given up: what was being built for an earlier one is of yesterday. */
  #generation = 0;
  #owners = new Map<number, string>();
  /** The document holds what is not committed. */
  ahead = false;

  private constructor(name: RoomName, room: Room, log: RoomLog, bytes: CommittedBytes) {
    this.name = name;
    this.room = room;
    this.#log = log;
    this.#bytes = bytes;
  }

  /** Throws when the name is no room's or the database is away. */
  static async load(name: RoomName, log: RoomLog): Promise<RoomState> {
    const room = parseRoom(name);
    if (!room) throw new Error(`not a room: ${name}`);
    return new RoomState(name, room, log, new CommittedBytes(await log.load(name)));
  }

  get bytes(): CommittedBytes {
    return this.#bytes;
  }

  /** The document, where it is built and equals the database. */
  get inStep(): Y.Doc | null {
    return this.ahead ? null : (this.#gate?.doc ?? null);
  }

  /** Builds the document where there is none. Throws when the database is away. */
  gate(): Promise<Gate> {
    if (this.#gate) return Promise.resolve(this.#gate);
    if (this.#building) return this.#building;
    const building = this.#build().finally(() => {
      if (this.#building === building) this.#building = null;
    });
    return (this.#building = building);
  }

  /** A document of the committed bytes alone, for those who cannot wait for the database. */
  async copy(): Promise<Y.Doc> {
    const doc = new Y.Doc();
    for (const update of await this.#bytes.updates()) Y.applyUpdate(doc, update);
    return doc;
  }

  /** What the document took is committed now. */
  committed(batch: LoggedBatch, removes: boolean): void {
    this.#bytes.append(batch, removes);
    this.ahead = false;
  }

  /** The document took what is not committed, and will not be: it is built again from the bytes. */
  drop(): void {
    this.#generation++;
    this.#gate = null;
    this.#building = null;
    this.ahead = false;
  }

  /** Everything anew from the log. */
  async load(): Promise<void> {
    const loaded = await this.#log.load(this.name);
    this.drop();
    this.#bytes = new CommittedBytes(loaded);
  }

  /**
   * Takes over what another server committed; says what it touched. The document may be ahead: then the caller has seen
   * to it that the two do not meet.
   */
  async follow(batches: CaughtUp): Promise<TouchedKeys> {
    if (this.#building) await this.#building;
    const all = new Map<string, Set<string>>();
    for (const { seq, updates, clients } of batches) {
      for (const [client, person] of clients) this.#owners.set(client, person);
      const touched = this.#gate?.follow([merged(updates)]);
      for (const [map, keys] of touched ?? []) all.set(map, new Set([...(all.get(map) ?? []), ...keys]));
      this.#bytes.append({ seq, updates }, touched ? touched.has('removed') : updates.some(removesWords));
    }
    return all;
  }

  async #build(): Promise<Gate> {
    const generation = this.#generation;
    const bytes = this.#bytes;
    const owners = new Map(await this.#log.clients(this.name, bytes.seq));
    const gate = await openGate(this.room, await bytes.updates(), owners);
    if (generation !== this.#generation) return this.gate();
    this.#owners = owners;
    this.#gate = gate;
    return gate;
  }
}

/** Was an entry of the map `removed` made in it? The first one of a key names its map, and later ones remove nothing more. */
const removesWords = (update: Uint8Array): boolean =>
  Y.decodeUpdate(update).structs.some(
    (struct) => struct instanceof Y.Item && (struct.parent as unknown) === 'removed',
  );
