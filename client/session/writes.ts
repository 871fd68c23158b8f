/**
 * Changes apart from Yjs: what a transaction set in a room's maps, whose words it holds, and whether the server would
 * take it, as far as this side can tell.
 */

import type { Annotation, Comment, LayerEntries, LayerMap } from '#core/entries.js';
import type { RefusalCode } from '#core/result.js';
import { mayWrite } from '#core/roles.js';
import type { RoomKind } from '#core/rooms.js';
import { checkNumber, checkShape, checkWrite, layerRules, parseReaction, selfRules } from '#core/rules.js';
import type { Rule, Rules, View, Writer } from '#core/rules.js';
import * as Y from 'yjs';
import type { Write } from './ports.js';

/** The keys of root maps that the transaction changed, with the values that they have now. */
export function writesOf(transaction: Y.Transaction): Write[] {
  const writes: Write[] = [];
  for (const [map, root] of transaction.doc.share) {
    if (!(root instanceof Y.Map)) continue;
    // Yjs' types do not count its maps among its types.
    for (const key of transaction.changed.get(root as never) ?? [])
      if (key !== null) writes.push({ map, key, value: root.get(key) });
  }
  return writes;
}

/** The id of the annotation or comment that a write is about. */
export const subject = ({ map, key }: Write): string =>
  map === 'reactions' ? key.slice(0, key.indexOf(' ')) : key;

/** The words that an update typed into a text. */
export const wordsOf = (update: Uint8Array): string =>
  Y.decodeUpdate(update)
    .structs.map((struct) =>
      struct instanceof Y.Item && struct.content instanceof Y.ContentString ? struct.content.str : '',
    )
    .join('');

/** The typed form of a write of new words. */
export const asAnnotation = (write: Write): Annotation | null =>
  write.map === 'annotations' ? (write.value as Annotation) : null;
export const asComment = (write: Write): Comment | null =>
  write.map === 'comments' ? (write.value as Comment) : null;

/** Why the server would refuse these writes, made together; null: it would not. `reference`: they lean on what is not here. */
export function refusalOf(
  kind: RoomKind,
  writes: readonly Write[],
  doc: Y.Doc,
  writer: Writer,
): RefusalCode | null {
  if (!mayWrite(kind, writer.rights)) return 'role';
  if (kind === 'content') return null;
  const rules: Rules = kind === 'layer' ? layerRules : selfRules(writer.id);
  const view = new DocView(doc, writes);
  for (const { map, key, value } of writes) {
    const rule = Object.hasOwn(rules, map) ? rules[map] : undefined;
    if (!rule) return 'path';
    const refusal =
      value === undefined
        ? takeOut(rule, key, writer, view)
        : (checkShape(map, rule, value) ??
          checkWrite(rule, key, value, writer, view) ??
          checkNumber(rule, key, writer, view));
    if (refusal) return refusal.code === 'behind' ? 'reference' : refusal.code;
  }
  return null;
}

const takeOut = (rule: Rule, key: string, writer: Writer, view: View): { code: RefusalCode } | null =>
  rule.removable ? rule.may(key, writer, view) : { code: 'removal' };

/** The document with the writes in it, as the rules want to see it: what stood before them first. */
class DocView implements View {
  readonly #doc: Y.Doc;
  readonly #writes: readonly Write[];

  constructor(doc: Y.Doc, writes: readonly Write[]) {
    this.#doc = doc;
    this.#writes = writes;
  }

  get<M extends LayerMap>(map: M, key: string): LayerEntries[M] | undefined {
    const made = (): unknown => this.#writes.find((write) => write.map === map && write.key === key)?.value;
    return (this.#doc.getMap(map).get(key) ?? made()) as LayerEntries[M] | undefined;
  }

  reactions(comment: string, person: string): number {
    let count = 0;
    for (const key of this.#keys('reactions')) {
      const reaction = parseReaction(key);
      if (reaction?.comment === comment && reaction.person === person) count++;
    }
    return count;
  }

  size(map: string): number {
    return this.#keys(map).size;
  }

  #keys(map: string): Set<string> {
    const keys = new Set(this.#doc.getMap(map).keys());
    for (const write of this.#writes) if (write.map === map) keys.add(write.key);
    return keys;
  }
}
