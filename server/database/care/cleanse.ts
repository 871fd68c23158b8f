/**
 * Takes removed words out of a stored update. The structs stay, with their ids, origins and parents, and say who and
 * when and where; only the words in them are blank. So a replay shows that there was something, not what it was, and
 * a document that is rebuilt from cleansed updates equals one that is rebuilt from the updates as they were.
 */

import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import type { Annotation, Comment } from '#core/entries.js';
import { annotationHasWords, blankAnnotation, blankComment, commentHasWords } from '../../rooms/scrub.js';
import type { RemovedWords, WordMap } from './removed-words.js';

type Decoded = ReturnType<typeof Y.decodeUpdate>;
type Struct = Decoded['structs'][number];

/** null: there are none of the words in it. */
export function cleansed(update: Uint8Array, words: RemovedWords): Uint8Array | null {
  const decoded = Y.decodeUpdate(update);
  let found = false;
  for (const struct of decoded.structs) if (struct instanceof Y.Item && blank(struct, words)) found = true;
  return found ? encode(decoded) : null;
}

/** Whether there was something to blank. */
function blank(item: Y.Item, words: RemovedWords): boolean {
  const { content, id } = item;
  if (content instanceof Y.ContentDeleted) return false;
  const maps = Array.from({ length: item.length }, (_, i) => words.at(id.client, id.clock + i));
  if (maps.every((map) => map === null)) return false;
  if (!(content instanceof Y.ContentAny)) {
    // The gate lets nothing else be an entry: whatever it is, it goes.
    item.content = new Y.ContentDeleted(item.length);
    return true;
  }
  let found = false;
  content.arr = content.arr.map((value: unknown, i) => {
    const without = withoutWords(value, maps[i] ?? null);
    found ||= without !== value;
    return without;
  });
  return found;
}

/** The value itself where it holds none; null for what the gate would not have taken. */
function withoutWords(value: unknown, map: WordMap | null): unknown {
  if (map === null) return value;
  if (map === 'annotations' && looksLikeAnnotation(value))
    return annotationHasWords(value) ? blankAnnotation(value) : value;
  if (map === 'comments' && looksLikeComment(value))
    return commentHasWords(value) ? blankComment(value) : value;
  return null;
}

const looksLikeAnnotation = (value: unknown): value is Annotation =>
  typeof value === 'object' && value !== null && 'tags' in value && Array.isArray(value.tags);
const looksLikeComment = (value: unknown): value is Comment =>
  typeof value === 'object' && value !== null && 'body' in value;

/** As Yjs writes an update of version 1, in the order in which it was read. */
function encode({ structs, ds }: Decoded): Uint8Array {
  const sections = new Map<number, Struct[]>();
  for (const struct of structs) {
    const section = sections.get(struct.id.client);
    if (section) section.push(struct);
    else sections.set(struct.id.client, [struct]);
  }
  const encoder = new Y.UpdateEncoderV1();
  const { restEncoder } = encoder;
  encoding.writeVarUint(restEncoder, sections.size);
  for (const [client, section] of sections) {
    encoding.writeVarUint(restEncoder, section.length);
    encoding.writeVarUint(restEncoder, client);
    encoding.writeVarUint(restEncoder, section[0]?.id.clock ?? 0);
    for (const struct of section) struct.write(encoder, 0);
  }
  encoding.writeVarUint(restEncoder, ds.clients.size);
  for (const [client, ranges] of ds.clients) {
    encoding.writeVarUint(restEncoder, client);
    encoding.writeVarUint(restEncoder, ranges.length);
    for (const { clock, len } of ranges) {
      encoding.writeVarUint(restEncoder, clock);
      encoding.writeVarUint(restEncoder, len);
    }
  }
  return encoder.toUint8Array();
}
