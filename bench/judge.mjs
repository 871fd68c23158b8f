// How long the gate takes to judge and apply one comment, and to refuse a forged one, by the size of the room.
import { Gate } from '../dist/core/gate.js';
import { rightsOf } from '../dist/core/roles.js';
import { v7 as uuid } from 'uuid';
import * as Y from 'yjs';
import { quantiles } from './measure.mjs';
import { layer, Writer } from './work.mjs';

const rounds = 600;
const warm = 100;

export function judge() {
  const rows = [];
  for (const count of [10, 1_000, 10_000]) {
    const author = uuid();
    const { state, clients, ids } = layer(count, author);
    const owners = new Map(clients.map((client) => [client, author]));
    const gate = new Gate(
      { kind: 'layer', id: uuid() },
      {
        updates: [state],
        book: { owner: (client) => owners.get(client), bind: (client, person) => owners.set(client, person) },
      },
    );
    const person = (id) => ({ id, rights: rightsOf('reader'), now: Date.now() });
    const writer = new Writer(author);
    Y.applyUpdate(writer.doc, state);
    const taken = [];
    const refused = [];
    for (let i = 0; i < rounds; i++) {
      const update = writer.comment(ids[i % ids.length], i);
      const started = performance.now();
      const verdict = gate.submit(update, person(author));
      taken.push(performance.now() - started);
      if (!verdict.ok) throw new Error(verdict.error.message);
      const forger = new Writer(author);
      const forged = forger.comment(ids[0], i);
      const again = performance.now();
      if (gate.submit(forged, person(uuid())).ok) throw new Error('a forged comment was taken');
      refused.push(performance.now() - again);
    }
    const us = (numbers) =>
      quantiles(numbers.slice(warm), 0.5, 0.95).map((value) => (value * 1000).toFixed(0));
    rows.push([count, ...us(taken), ...us(refused)]);
  }
  return {
    title: 'Judging one comment (microseconds)',
    head: ['annotations in the room', 'taken p50', 'taken p95', 'refused p50', 'refused p95'],
    rows,
  };
}
