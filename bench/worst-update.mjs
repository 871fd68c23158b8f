// Searches for the update that holds up the loop longest: updates of many shapes, each a handful of numbers, are drawn,
// judged in rooms of several shapes, and the worst of each kind changed a little and tried again.
//
//   node bench/worst-update.mjs [seconds] [seed]
//
// A stall is one step of `Gate.submitting`, taken or refused: the smallest of three runs, and only what this thread
// itself ran of it where others use the machine too (Linux).
import * as encoding from 'lib0/encoding';
import { readFileSync } from 'node:fs';
import { v7 as uuid } from 'uuid';
import * as Y from 'yjs';
import { layer } from './work.mjs';

const { Gate } = await import(process.env.CORE ?? '../dist/core/gate.js');

const rights = { read: true, comment: true, edit: true, decide: true, moderate: true };
const me = uuid();
const other = uuid();
const mine = 77;

let made = 0;
/** A UUID, quickly. */
const id = () => `01900000-0000-7000-8000-${(++made).toString(16).padStart(12, '0')}`;

/** Small numbers with a seed (mulberry32). */
function numbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

// ---- Rooms: a state, whose client ids are whose, and what an attacker would know of it.

const status = (by) => ({ state: 'open', by, at: 5 });

function ofAnnotations() {
  const { state, clients, ids } = layer(10_000, other);
  return { kind: 'layer', state, owners: clients.map((client) => [client, other]), clients, ids };
}

/** 15,000 past client ids, 100,000 ended ranges. */
function old() {
  const ids = [];
  const clients = Array.from({ length: 15_000 }, (_, i) => 1_000 + i);
  const w = encoding.createEncoder();
  encoding.writeVarUint(w, 1);
  const one = encoding.toUint8Array(w);
  encoding.writeAny(w, { ...annotation, author: other });
  const first = encoding.toUint8Array(w);
  const oneValue = first;
  const state = write(
    clients.map((client) => {
      const id = uuid();
      ids.push(id);
      const structs = [{ root: 'annotations', key: id, kind: 8, raw: first }];
      for (let i = 0; i < 7; i++)
        structs.push(
          { root: 'reactions', key: `${id} ${i}`, kind: 1, raw: one },
          { root: 'status', key: `${id} ${i}`, kind: 8, raw: oneValue },
        );
      return { client, clock: 0, structs };
    }),
  );
  return { kind: 'layer', state, owners: clients.map((client) => [client, other]), clients, ids };
}

/** One key that two of the writer's own devices wrote in turn, 40,000 times, among others. */
function worn() {
  const id = uuid();
  const doc = new Y.Doc();
  doc.clientID = 9;
  doc.getMap('annotations').set(id, { ...annotation, author: me });
  doc.transact(() => {
    for (let i = 0; i < 40_000; i++) doc.getMap('status').set(i % 2 ? id : `x${i % 4}`, status(me));
  });
  return { kind: 'layer', state: Y.encodeStateAsUpdate(doc), owners: [[9, me]], clients: [9], ids: [id] };
}

/** 100,000 characters in 20,000 items of 20 clients. */
function text() {
  const random = numbers(3);
  const doc = new Y.Doc();
  const content = doc.getText('content');
  const clients = Array.from({ length: 20 }, (_, i) => 100 + i);
  content.insert(0, 'The margin of a page. '.repeat(3_600));
  doc.transact(() => {
    for (let i = 0; i < 10_000; i++) {
      if (i % 500 === 0) doc.clientID = clients[i / 500];
      content.insert(Math.floor(random() * content.length), 'ab');
    }
  });
  const all = [...doc.store.clients.keys()];
  return {
    kind: 'content',
    state: Y.encodeStateAsUpdate(doc),
    owners: all.map((client) => [client, other]),
    clients: all,
    ids: [],
  };
}

/** One run of a million characters. */
function plain() {
  const doc = new Y.Doc();
  doc.clientID = 100;
  doc.getText('content').insert(0, 'x'.repeat(1_000_000));
  return {
    kind: 'content',
    state: Y.encodeStateAsUpdate(doc),
    owners: [[100, other]],
    clients: [100],
    ids: [],
  };
}

const annotation = { created: 1, motivation: 'commenting', target: null, color: 'amber', tags: [] };

class Room {
  #room;
  constructor(make) {
    this.#room = make();
    this.renew();
  }
  renew() {
    const { kind, state, owners } = this.#room;
    const book = new Map(owners);
    this.gate = new Gate(
      { kind, id: me },
      {
        updates: [state],
        book: { owner: (client) => book.get(client), bind: (client, person) => book.set(client, person) },
        serverClient: 4_000_000_001,
      },
    );
  }
  get room() {
    return this.#room;
  }
  next(client) {
    return Y.getState(this.gate.doc.store, client);
  }
}

// ---- Updates, as numbers from 0 to 1.

const dials = [
  'structs',
  'clients',
  'keys',
  'origin',
  'right',
  'content',
  'size',
  'ranges',
  'stride',
  'known',
  'sync',
  'order',
];
const mostBytes = 6e6;
const scale = (dial, most) => Math.max(0, Math.floor(most ** dial) - (dial < 0.02 ? 1 : 0));
const choose = (dial, options) => options[Math.min(options.length - 1, Math.floor(dial * options.length))];

/** The update, and how it is sent. */
function make(d, room, seed) {
  const random = numbers(seed);
  const { clients, ids, kind } = room.room;
  const isText = kind === 'content';
  const pick = (from) => from[Math.floor(random() * from.length)];
  const knownId = () => {
    const client = pick(clients);
    return [client, Math.floor(random() * room.next(client))];
  };
  const structs = scale(d.structs, 250_000);
  const writers = Math.min(structs, Math.max(1, scale(d.clients, 10_000)));
  const keys = Array.from(
    { length: Math.max(1, scale(d.keys, 20_000)) },
    (_, i) => ids[i % ids.length] ?? id(),
  );
  const perWriter = Math.ceil(structs / writers);
  const originKind = choose(d.origin, ['none', 'before', 'known', 'own', 'other', 'first']);
  const rightKind = choose(d.right, ['none', 'none', 'next', 'known', 'last']);
  const content = contentsOf(d, isText);
  const sections = [];
  let bytes = 0;
  for (let w = 0; w < writers && bytes < mostBytes; w++) {
    const client = mine + 20_000 + (d.order < 0.5 ? w : writers - w);
    const list = [];
    let clock = 0;
    const fresh = id();
    for (let i = 0; i < perWriter && bytes < mostBytes; i++) {
      const key = keys[i % keys.length];
      const struct = { ...content, root: content.root ?? 'content' };
      if (!isText)
        struct.key =
          content.root === 'comments'
            ? id()
            : content.root === 'annotations'
              ? i % 3
                ? id()
                : fresh
              : (content.key?.(key) ?? key);
      const lean = {
        none: null,
        before: clock > 0 ? [client, clock - 1] : null,
        known: knownId(),
        own: clock > 0 ? [client, Math.floor(random() * clock)] : null,
        other: w > 0 ? [sections[w - 1].client, Math.min(i, sections[w - 1].structs.length - 1)] : null,
        first: clock > 0 ? [client, 0] : null,
      }[originKind];
      if (lean) struct.origin = lean;
      if (isText) {
        const right = {
          none: null,
          next: lean && [lean[0], lean[1] + 1],
          known: knownId(),
          last: clock > 1 ? [client, clock - 1] : null,
        }[rightKind];
        if (right && right[1] < (right[0] === client ? clock : room.next(right[0]))) struct.right = right;
      }
      list.push(struct);
      clock += struct.length;
      bytes += 60 + struct.raw.length;
    }
    sections.push({ client, clock: 0, structs: list });
  }
  const endings = [];
  const ranges = scale(d.ranges, 120_000);
  const stride = 1 + scale(d.stride, 50);
  let left = ranges;
  for (const client of d.order < 0.5 ? clients : [...clients].reverse()) {
    if (left <= 0) break;
    const end = room.next(client);
    const list = [];
    for (let clock = 0; clock < end && left > 0; clock += stride + 1, left--)
      list.push([clock, Math.min(1 + Math.floor(d.known * stride), end - clock)]);
    if (list.length > 0) endings.push([client, list]);
  }
  return { update: write(sections, endings), sync: d.sync < 0.5 ? undefined : {} };
}

/** The content that all structs of an update have but for its key: `{kind, raw, length, root?, keyed?}`. */
function contentsOf(d, isText) {
  const size = scale(d.size, 200_000);
  const w = encoding.createEncoder();
  const gone = (length) => (encoding.writeVarUint(w, length), { kind: 1, length });
  const string = (text) => (encoding.writeVarString(w, text), { kind: 4, length: text.length });
  const value = (root, value, key) => (
    encoding.writeVarUint(w, 1),
    encoding.writeAny(w, value),
    { kind: 8, length: 1, root, key }
  );
  const mark = (more) => value('annotations', { ...annotation, author: me, ...more });
  const list = (most, item) => Array.from({ length: Math.min(size, most) }, item);
  const kinds = isText
    ? [
        () => string('x'),
        () => gone(1 + size),
        () => string('漢'.repeat(1 + (size % 100))),
        () => (
          encoding.writeVarString(w, 'bold'),
          encoding.writeVarString(w, size % 2 ? 'true' : 'null'),
          { kind: 6, length: 1 }
        ),
        () => (
          encoding.writeVarString(w, JSON.stringify({ image: `/${'x'.repeat(size % 2_000)}` })),
          { kind: 5, length: 1 }
        ),
        () => string('x'.repeat(1 + size * 20)),
      ]
    : [
        () => ({ ...gone(1), root: 'status' }),
        () => value('status', status(me)),
        () => value('comments', { annotation: 'KEY', author: me, created: 1, body: 'x' }),
        () => value('reactions', true, (key) => `${key} 👍 ${me}`),
        () => value('moved', { target: null, ...status(me) }),
        () => mark({ jsonld: { x: list(30_000, () => (size % 2 ? 0 : 'a')) } }),
        () =>
          mark({
            jsonld: {
              a: { b: { c: { d: { e: Object.fromEntries(list(5_000, (_, n) => [`k${n}`, null])) } } } },
            },
          }),
        () => mark({ tags: list(32_000, () => 'a') }),
        () => mark(Object.fromEntries(list(30_000, (_, n) => [`f${n}`, 0]))),
        () => mark({ suggestion: '漢'.repeat(Math.min(size, 10_000)) }),
        () => mark({ jsonld: list(15, () => ({})).reduce((inner) => [inner], []) }),
      ];
  const content = choose(d.content, kinds)();
  return { ...content, raw: encoding.toUint8Array(w) };
}

function write(sections, endings = []) {
  const w = encoding.createEncoder();
  encoding.writeVarUint(w, sections.length);
  for (const { client, clock, structs } of sections) {
    encoding.writeVarUint(w, structs.length);
    encoding.writeVarUint(w, client);
    encoding.writeVarUint(w, clock);
    for (const { origin, right, root, key, kind, raw } of structs) {
      encoding.writeUint8(
        w,
        kind | (origin ? 0x80 : 0) | (right ? 0x40 : 0) | (key === undefined ? 0 : 0x20),
      );
      for (const id of [origin, right]) if (id) for (const number of id) encoding.writeVarUint(w, number);
      if (!origin && !right) {
        encoding.writeVarUint(w, 1);
        encoding.writeVarString(w, root);
        if (key !== undefined) encoding.writeVarString(w, key);
      }
      encoding.writeUint8Array(w, raw);
    }
  }
  encoding.writeVarUint(w, endings.length);
  for (const [client, ranges] of endings) {
    encoding.writeVarUint(w, client);
    encoding.writeVarUint(w, ranges.length);
    for (const range of ranges) for (const number of range) encoding.writeVarUint(w, number);
  }
  return encoding.toUint8Array(w);
}

// ---- The search.

/** Milliseconds that this thread has run; told by the kernel every few milliseconds only. */
function ran() {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ', 1)[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

function measure(room, { update, sync }) {
  const steps = room.gate.submitting(update, { id: me, rights, now: Date.now() }, sync ? { sync } : {});
  let [stall, at, count, total] = [0, 0, 0, 0];
  for (;;) {
    const [before, started] = [ran(), performance.now()];
    const { done, value } = steps.next();
    const wall = performance.now() - started;
    const ms = wall < 3 ? wall : Math.min(wall, ran() - before);
    total += ms;
    count++;
    if (ms > stall) [stall, at] = [ms, count];
    if (done)
      return {
        stall,
        at,
        count,
        total,
        verdict: value.ok ? 'taken' : `${value.error.code}: ${value.error.message}`,
        changed: value.ok && value.value.update !== null,
        bytes: update.length,
      };
  }
}

/** The best of several runs: noise only ever adds. */
function stallOf(room, sent, runs, least) {
  let found = null;
  for (let run = 0; run < runs; run++) {
    const one = measure(room, sent);
    if (one.changed || one.verdict.startsWith('integrity')) room.renew();
    if (!found || one.stall < found.stall) found = one;
    if (found.stall < least) break;
  }
  return found;
}

const show = (name, d, { stall, at, count, total, verdict, bytes }) =>
  `${stall.toFixed(1).padStart(6)} ms in step ${at} of ${count}, ${total.toFixed(0).padStart(5)} ms in all, ${bytes} bytes, ${name}, ${verdict}\n         ${Object.entries(
    d,
  )
    .map(([dial, value]) => `${dial} ${value.toFixed(2)}`)
    .join(', ')}`;

export function search(seconds, seed) {
  const rooms = Object.entries({ ofAnnotations, old, worn, text, plain }).map(([name, make]) => [
    name,
    new Room(make),
  ]);
  const random = numbers(seed);
  /** The worst of each room and verdict. */
  const worst = new Map();
  const until = performance.now() + seconds * 1000;
  let tries = 0;
  while (performance.now() < until) {
    const [name, room] = rooms[tries++ % rooms.length];
    const known = [...worst.values()].filter((one) => one.name === name);
    const from = known.length > 0 && random() < 0.5 ? known[Math.floor(random() * known.length)].d : null;
    const d = Object.fromEntries(
      dials.map((dial) => [
        dial,
        from && random() < 0.7 ? Math.min(0.999, Math.max(0, from[dial] + (random() - 0.5) * 0.2)) : random(),
      ]),
    );
    const sent = make(d, room, seed + tries);
    const kind = (result) => `${name} ${result.verdict}`;
    const first = stallOf(room, sent, 1, 0);
    const least = worst.get(kind(first))?.result.stall ?? 0;
    if (first.stall <= least) continue;
    const result = stallOf(room, sent, 3, least);
    if (result.stall > (worst.get(kind(result))?.result.stall ?? 0))
      worst.set(kind(result), { name, d, result });
  }
  return { tries, worst: [...worst.values()].sort((a, b) => b.result.stall - a.result.stall) };
}

if (import.meta.filename === process.argv[1]) {
  const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
  const { tries, worst } = search(Number(process.argv[2] ?? 60), seed);
  console.log(`seed ${seed}, ${tries} updates; the worst by room and verdict:`);
  for (const { name, d, result } of worst.slice(0, 20)) console.log(show(name, d, result));
}
