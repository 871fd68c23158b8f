/**
 * The rows that REST, search and the review desk read: what one annotation or comment of a layer says now.
 * Computed from the live document for the keys that a batch touched; equal to computing all of them from scratch.
 */

import type * as Y from 'yjs';
import type { Color, LayerEntries, LayerMap, Motivation } from '#core/entries.js';

export interface AnnotationRow {
  readonly kind: 'annotation';
  readonly layer: string;
  readonly id: string;
  readonly author: string;
  readonly created: number;
  readonly edited: number | null;
  readonly motivation: Motivation;
  readonly color: Color;
  readonly tags: readonly string[];
  /** The words it points at, of `moved` where there is one; null for a note on the whole document. */
  readonly exact: string | null;
  /** UTF-16 offsets when it was made (or moved). */
  readonly from: number | null;
  readonly to: number | null;
  readonly suggestion: string | null;
  readonly status: 'open' | 'resolved';
  readonly decision: 'open' | 'accepted' | 'rejected' | null;
  readonly assignedTo: string | null;
  readonly hidden: boolean;
  readonly removed: number | null;
}

export interface CommentRow {
  readonly kind: 'comment';
  readonly layer: string;
  readonly id: string;
  readonly annotation: string;
  readonly parent: string | null;
  readonly author: string;
  readonly created: number;
  readonly edited: number | null;
  readonly body: string;
  readonly hidden: boolean;
  readonly removed: number | null;
}

export type ProjectionChange = AnnotationRow | CommentRow;

type Touched = ReadonlyMap<string, ReadonlySet<string>>;

/** The rows of every annotation and comment that the touched keys speak of. `layer` is the layer's id. */
export function projectChanges(doc: Y.Doc, layer: string, touched: Touched): ProjectionChange[] {
  const ids = new Set<string>();
  for (const [map, keys] of touched) if (map !== 'reactions') for (const key of keys) ids.add(key);
  const rows: ProjectionChange[] = [];
  for (const id of ids) {
    const row = annotationRow(doc, layer, id) ?? commentRow(doc, layer, id);
    if (row) rows.push(row);
  }
  return rows;
}

/** Every row of a layer, computed from scratch. */
export const projectAll = (doc: Y.Doc, layer: string): ProjectionChange[] =>
  projectChanges(
    doc,
    layer,
    new Map(['annotations', 'comments'].map((map) => [map, new Set(doc.getMap(map).keys())])),
  );

const entry = <M extends LayerMap>(doc: Y.Doc, map: M, key: string): LayerEntries[M] | undefined =>
  doc.getMap<LayerEntries[M]>(map).get(key);

function annotationRow(doc: Y.Doc, layer: string, id: string): AnnotationRow | null {
  const annotation = entry(doc, 'annotations', id);
  if (!annotation) return null;
  const target = entry(doc, 'moved', id)?.target ?? annotation.target;
  return {
    kind: 'annotation',
    layer,
    id,
    author: annotation.author,
    created: annotation.created,
    edited: annotation.edited ?? null,
    motivation: annotation.motivation,
    color: annotation.color,
    tags: annotation.tags,
    exact: target?.exact ?? null,
    from: target?.from ?? null,
    to: target?.to ?? null,
    suggestion: annotation.suggestion ?? null,
    status: entry(doc, 'status', id)?.state ?? 'open',
    decision: entry(doc, 'decisions', id)?.state ?? null,
    assignedTo: entry(doc, 'assigned', id)?.to ?? null,
    hidden: entry(doc, 'hidden', id)?.state === 'hidden',
    removed: entry(doc, 'removed', id)?.at ?? null,
  };
}

function commentRow(doc: Y.Doc, layer: string, id: string): CommentRow | null {
  const comment = entry(doc, 'comments', id);
  if (!comment) return null;
  return {
    kind: 'comment',
    layer,
    id,
    annotation: comment.annotation,
    parent: comment.parent ?? null,
    author: comment.author,
    created: comment.created,
    edited: comment.edited ?? null,
    body: comment.body,
    hidden: entry(doc, 'hidden', id)?.state === 'hidden',
    removed: entry(doc, 'removed', id)?.at ?? null,
  };
}
