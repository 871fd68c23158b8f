// The work that all are measured on: annotations of a passage with comments, each a plain value of one map. Entries
// carry a number in their words, so that a receiver finds in the bytes what has come, without decoding them.
import { v7 } from 'uuid';
import * as Y from 'yjs';

/** 512 words of two or three syllables: a text of them compresses about as well as English does. */
const syllables = 'mar gin ale ter con ver pro the ra ti on ly se wor di na lo qui es pa ble nor fu ci'.split(
  ' ',
);
const words = Array.from({ length: 512 }, (_, n) =>
  [n, n * 7 + 3, n % 3 === 0 ? n * 11 + 5 : -1]
    .flatMap((at) => (at < 0 ? [] : [syllables[(at + (n >> 4)) % syllables.length]]))
    .join(''),
);
/** The same words for the same `from`, and no pattern from one to the next. */
const prose = (count, from) =>
  Array.from(
    { length: count },
    (_, i) => words[(Math.imul(from * 64 + i + 1, 0x9e3779b1) >>> 15) % 512],
  ).join(' ');
const position = (clock) =>
  Y.encodeRelativePosition(new Y.RelativePosition(null, null, Y.createID(1000 + (clock % 50), clock), 0));

/** As if the entries were made over some weeks: ids of one moment would compress too well. */
const weeks = 21 * 24 * 60 * 60 * 1000;
export const uuid = () => v7({ msecs: Date.now() - Math.floor(Math.random() * weeks) });

const lead = Buffer.from('@@');
const markerDigits = 8;
export const marker = (n) => `@@${String(n).padStart(markerDigits, '0')}`;

/** The numbers of all entries in these bytes, in the order in which they stand there. */
export function* markersIn(bytes) {
  for (let at = bytes.indexOf(lead); at >= 0; at = bytes.indexOf(lead, at + 1)) {
    let n = 0;
    for (let i = at + 2; i < at + 2 + markerDigits; i++) n = n * 10 + bytes[i] - 48;
    if (Number.isInteger(n) && n >= 0 && n < 1e8) yield n;
  }
}

export function annotation(author, n, prefix = prose(5, n + 1)) {
  const target = {
    start: position(n),
    end: position(n + 40),
    exact: prose(8, n),
    prefix,
    suffix: prose(5, n + 2),
    from: n,
    to: n + 40,
  };
  return { author, created: Date.now(), motivation: 'commenting', target, color: 'amber', tags: [] };
}

export const comment = (author, id, n, body = prose(20, n)) => ({
  annotation: id,
  author,
  created: Date.now(),
  body,
});

/** A comment of the usual length that carries this number. */
export const marked = (n) => `${marker(n)} ${prose(18, n)}`;

/** A layer with this many annotations of two comments each, written by 20 clients of `author`: `{state, clients, ids}`. */
export function layer(count, author) {
  const docs = Array.from({ length: 20 }, () => new Y.Doc());
  const ids = [];
  for (let n = 0; n < count; n++) {
    const doc = docs[n % docs.length];
    const id = uuid();
    ids.push(id);
    doc.getMap('annotations').set(id, annotation(author, n));
    for (let i = 0; i < 2; i++) doc.getMap('comments').set(uuid(), comment(author, id, n + i));
  }
  const whole = new Y.Doc();
  whole.transact(() => {
    for (const doc of docs) Y.applyUpdate(whole, Y.encodeStateAsUpdate(doc));
  });
  return { state: Y.encodeStateAsUpdate(whole), clients: docs.map((doc) => doc.clientID), ids };
}

/** A writer's copy, and the update that each of its changes makes. */
export class Writer {
  doc = new Y.Doc();
  #update = null;

  constructor(author) {
    this.author = author;
    this.doc.on('update', (update) => (this.#update = update));
  }

  annotate(n, prefix) {
    const id = uuid();
    this.doc.getMap('annotations').set(id, annotation(this.author, n, prefix));
    return { id, update: this.#update };
  }

  comment(id, n, body) {
    this.doc.getMap('comments').set(uuid(), comment(this.author, id, n, body));
    return this.#update;
  }

  /** What `act` changes, as one update. */
  together(act) {
    this.doc.transact(act);
    return this.#update;
  }
}
