/** A layer's annotations and replies, read from the room and written as W3C annotations. */

import type * as Y from 'yjs';
import { resolveAll } from '#core/anchor.js';
import { plainText, toCodePoints, type Op } from '#core/delta.js';
import type { Annotation, Comment, JsonObject, Moved, Removed, Target } from '#core/entries.js';
import { decodePosition } from '#core/position.js';
import { roomName } from '#core/rooms.js';
import { toWebAnnotation, toWebReply } from '#core/web-annotation.js';
import type { Places, Span } from '#core/web-target.js';
import type { LayerPlace } from '../access/rights.js';
import type { HttpServices } from './services.js';

/** One member of the container. */
export type Item =
  | {
      readonly kind: 'annotation';
      readonly id: string;
      readonly entry: Annotation;
      /** Its body: the first comment of the same author that answers nobody. */
      readonly body: { readonly id: string; readonly comment: Comment } | undefined;
      readonly moved: Moved | undefined;
    }
  | { readonly kind: 'reply'; readonly id: string; readonly entry: Comment; readonly to: string };

/** What is in the room under an id: a member, the mark of one that is gone, or nothing. */
export type Found = Item | { readonly kind: 'removed' } | null;

const get = <T>(doc: Y.Doc, map: string, key: string): T | undefined => doc.getMap<T>(map).get(key);
const isRemoved = (doc: Y.Doc, id: string): boolean => get<Removed>(doc, 'removed', id) !== undefined;

const earlier = (a: { id: string; created: number }, b: { id: string; created: number }): number =>
  a.created - b.created || (a.id < b.id ? -1 : 1);

type Bodies = ReadonlyMap<string, { readonly id: string; readonly comment: Comment }>;

/** The body of each annotation, by the annotation's id; of one only, where that is all that is asked. */
function bodiesOf(doc: Y.Doc, only?: string): Bodies {
  const bodies = new Map<string, { id: string; comment: Comment }>();
  for (const [id, comment] of doc.getMap<Comment>('comments').entries()) {
    const { annotation, author, created, parent } = comment;
    if (parent !== undefined || (only !== undefined && annotation !== only) || isRemoved(doc, id)) continue;
    if (get<Annotation>(doc, 'annotations', annotation)?.author !== author) continue;
    const first = bodies.get(annotation);
    if (!first || earlier({ id, created }, { id: first.id, created: first.comment.created }) < 0)
      bodies.set(annotation, { id, comment });
  }
  return bodies;
}

function itemAt(doc: Y.Doc, id: string, bodies: Bodies): Item | null {
  const annotation = get<Annotation>(doc, 'annotations', id);
  if (annotation) {
    const moved = get<Moved>(doc, 'moved', id);
    return { kind: 'annotation', id, entry: annotation, body: bodies.get(id), moved };
  }
  const comment = get<Comment>(doc, 'comments', id);
  // A body is no member of its own: it is in its annotation.
  if (!comment || bodies.get(comment.annotation)?.id === id) return null;
  const { annotation: thread, parent } = comment;
  const to = parent === undefined || bodies.get(thread)?.id === parent ? thread : parent;
  return { kind: 'reply', id, entry: comment, to };
}

export function findItem(doc: Y.Doc, id: string): Found {
  if (isRemoved(doc, id)) return { kind: 'removed' };
  const thread = get<Comment>(doc, 'comments', id)?.annotation ?? id;
  return itemAt(doc, id, bodiesOf(doc, thread));
}

/** All members, oldest first. */
export function listItems(doc: Y.Doc): Item[] {
  const bodies = bodiesOf(doc);
  const ids = [...doc.getMap('annotations').keys(), ...doc.getMap('comments').keys()];
  return ids
    .filter((id) => !isRemoved(doc, id))
    .flatMap((id) => itemAt(doc, id, bodies) ?? [])
    .sort((a, b) => earlier({ id: a.id, created: a.entry.created }, { id: b.id, created: b.entry.created }));
}

/** When a member was last changed, in milliseconds since 1970. */
export function changedAt(item: Item): number {
  const { created, edited = 0 } = item.entry;
  if (item.kind === 'reply') return Math.max(created, edited);
  const { body, moved } = item;
  return Math.max(created, edited, moved?.at ?? 0, body?.comment.created ?? 0, body?.comment.edited ?? 0);
}

/** The container of one layer: its IRIs, and its members as JSON-LD. */
export class Container implements Places {
  readonly iri: string;
  readonly document: string;
  readonly layer: LayerPlace;
  readonly #services: HttpServices;

  constructor(layer: LayerPlace, services: HttpServices) {
    const { base } = services.origins;
    this.layer = layer;
    this.#services = services;
    this.iri = `${base}/api/layers/${layer.id}/annotations/`;
    this.document = `${base}/documents/${layer.document}`;
  }

  get room() {
    return roomName('layer', this.layer.id);
  }
  get contentRoom() {
    return roomName('content', this.layer.document);
  }

  isDocument(iri: string): boolean {
    const { base } = this.#services.origins;
    return iri === this.document || iri === `${base}/api/documents/${this.layer.document}`;
  }

  nameOf(iri: string): string | null {
    const name = iri.startsWith(this.iri) ? iri.slice(this.iri.length) : '';
    return /^[A-Za-z0-9._~-]+$/.test(name) ? name : null;
  }

  /** Members as W3C annotations, in the same order. */
  async write(items: readonly Item[]): Promise<JsonObject[]> {
    const { door, access, names } = this.#services;
    const ids = items.flatMap((item) => (item.kind === 'reply' ? [item.id, item.to] : [item.id]));
    const chosen = await names.namesOf(this.layer.id, ids);
    const iriOf = (id: string): string => this.iri + (chosen.get(id) ?? id);

    const content = this.contentRoom;
    const spans = await door.read(content, (doc) => spansOf(doc.getText('content'), items.map(targetOf)));
    const group = await access.rights.groupOf(this.layer.document);
    const people = await access.people.names(group, new Set(items.map(({ entry }) => entry.author)));
    const creatorOf = (id: string) => ({
      iri: `${this.#services.origins.base}/users/${id}`,
      name: people.get(id) ?? '',
    });

    return items.map((item, index) => {
      const written = { iri: iriOf(item.id), creator: creatorOf(item.entry.author), places: this };
      if (item.kind === 'reply') return toWebReply({ ...written, comment: item.entry, to: iriOf(item.to) });
      const { entry: annotation, body, moved } = item;
      return toWebAnnotation({
        ...written,
        annotation,
        comment: body?.comment,
        moved,
        span: spans[index] ?? null,
      });
    });
  }
}

export const targetOf = (item: Item): Target | null =>
  item.kind === 'annotation' ? (item.moved?.target ?? item.entry.target) : null;

/** Where the targets stand in the text now, in Unicode code points; null where no words of one are left. */
export function spansOf(text: Y.Text, targets: readonly (Target | null)[]): (Span | null)[] {
  if (targets.every((target) => target === null)) return targets.map(() => null);
  const positions = targets.flatMap((target) =>
    target ? [decodePosition(target.start), decodePosition(target.end)] : [null, null],
  );
  const offsets = resolveAll(text, positions);
  const plain = plainText(text.toDelta() as Op[]);
  return targets.map((target, index) => {
    const from = offsets[2 * index] ?? -1;
    const to = offsets[2 * index + 1] ?? -1;
    if (!target || from < 0 || to <= from) return null;
    const start = toCodePoints(plain, from);
    return { start, end: start + toCodePoints(plain.slice(from, to), to - from) };
  });
}
