// The work that all are measured on: annotations of a passage with comments, each a plain value of one map.
import { v7 as uuid } from 'uuid';
import * as Y from 'yjs';

const words =
  'the margin of a page holds what its readers think and what they ask of one another over the years'.split(
    ' ',
  );
const prose = (count, from) =>
  Array.from({ length: count }, (_, i) => words[(from * 7 + i * 3) % words.length]).join(' ');
const position = (clock) => {
  const text = new Y.Doc().getText('content');
  text.doc.clientID = 1000 + (clock % 50);
  return Y.encodeRelativePosition(
    new Y.RelativePosition(null, null, Y.createID(text.doc.clientID, clock), 0),
  );
};

export function annotation(author, n) {
  const target = {
    start: position(n),
    end: position(n + 40),
    exact: prose(8, n),
    prefix: prose(5, n + 1),
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

  annotate(n) {
    const id = uuid();
    this.doc.getMap('annotations').set(id, annotation(this.author, n));
    return { id, update: this.#update };
  }

  comment(id, n, body) {
    this.doc.getMap('comments').set(uuid(), comment(this.author, id, n, body));
    return this.#update;
  }
}
