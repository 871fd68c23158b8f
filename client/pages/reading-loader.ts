/** Opens a reading: who am I, which document, its rooms; and everything about it that lives outside React. */

import { roomName, UUID } from '#core/rooms.js';
import { Value } from '../session/value.js';
import { Drafts } from '../margin/drafts.js';
import { MarginLayout } from '../margin/margin-layout.js';
import { members } from '../people/group-api.js';
import { People } from '../people/people.js';
import { BlockLister } from '../reading/by-block.js';
import { Places, type OpenLayer } from '../reading/places.js';
import { SelectionWatch } from '../reading/selection.js';
import { Stage } from '../reading/stage.js';
import { TextSource } from '../reading/text-source.js';
import { document as documentOf, me, type DocumentDetail } from '../session/api.js';
import { openLayer } from '../session/layer.js';
import type { RoomCopy, Session } from '../session/types.js';
import { sessionOf } from './signed-in.js';

export interface Reading {
  readonly document: DocumentDetail;
  readonly session: Session;
  readonly content: RoomCopy;
  readonly layers: readonly OpenLayer[];
  readonly source: TextSource;
  readonly places: Places;
  readonly lister: BlockLister;
  readonly people: People;
  readonly drafts: Drafts;
  readonly stage: Stage;
  readonly selection: SelectionWatch;
  readonly layout: MarginLayout;
}

export type Opening =
  | { state: 'loading' }
  | { state: 'ready'; reading: Reading }
  | { state: 'missing' }
  | { state: 'signed-out' }
  | { state: 'failed' };

export class ReadingLoader {
  readonly opening = new Value<Opening>({ state: 'loading' });
  readonly #id: string;
  #turn = 0;
  #close: (() => void) | null = null;

  constructor(id: string) {
    this.#id = id;
  }

  readonly start = (): void => {
    const turn = ++this.#turn;
    this.opening.set({ state: 'loading' });
    void this.#load(() => turn === this.#turn);
  };

  readonly stop = (): void => {
    this.#turn++;
    this.#close?.();
    this.#close = null;
  };

  async #load(wanted: () => boolean): Promise<void> {
    if (!UUID.test(this.#id)) return this.opening.set({ state: 'missing' });
    const [who, found] = await Promise.all([me(), documentOf(this.#id)]);
    if (!wanted()) return;
    if (!who.ok) return this.opening.set({ state: who.error.status === 401 ? 'signed-out' : 'failed' });
    if (!found.ok) return this.opening.set({ state: found.error.status === 404 ? 'missing' : 'failed' });
    const session = await sessionOf(who.value.user);
    if (!wanted()) return;
    const reading = openReading(found.value, session);
    this.#close = () => closeReading(reading);
    this.opening.set({ state: 'ready', reading });
  }
}

function openReading(document: DocumentDetail, session: Session): Reading {
  const content = session.open(roomName('content', document.id));
  const layers = document.layers.map(({ id, kind }): OpenLayer => {
    const copy = session.open(roomName('layer', id));
    return { id, kind, layer: openLayer(copy, session) };
  });
  const source = new TextSource(content);
  const people = new People(session.me, () => members(document.groupId));
  const stage = new Stage();
  people.watch(content.people);
  return {
    document,
    session,
    content,
    layers,
    source,
    places: new Places(source, layers, session.me.id),
    lister: new BlockLister(),
    people,
    drafts: new Drafts(session.me.id, document.id, localStorage),
    stage,
    selection: new SelectionWatch(stage),
    layout: new MarginLayout(stage),
  };
}

function closeReading({ content, layers, source, places, stage, selection, layout }: Reading): void {
  content.setPresence(null);
  places.close();
  source.close();
  layout.close();
  selection.close();
  stage.close();
  for (const { layer } of layers) layer.copy.release();
  content.release();
}
