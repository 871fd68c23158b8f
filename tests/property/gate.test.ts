import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { layerMaps, type Annotation, type Comment, type LayerMap } from '#core/entries.js';
import type { Submission } from '#core/gate.js';
import { blank } from '../../server/rooms/scrub.js';
import type { ClientClock } from '../support/craft.js';
import { mutateBytes, mutateMeaning, type Loot } from '../support/mutate.js';
import {
  anna,
  annotation,
  ben,
  comment,
  GateUnderTest,
  mo,
  now,
  Peer,
  sameBytes,
  signed,
} from '../support/peers.js';

/** Two devices each of three people; Mo moderates. */
const people = [anna, anna, ben, ben, mo, mo];
const serverClient = 2 ** 31;
const emoji = ['👍', '❤️', '🐋'];

interface Device {
  readonly person: string;
  peer: Peer;
  online: boolean;
}

/** Ids and client ids that are the same in every run of the same steps. */
class Numbers {
  #count = 0;
  id(): string {
    return `01900000-0000-7000-8000-${(++this.#count).toString(16).padStart(12, '0')}`;
  }
  /** In no order, so that the newer client id wins or loses by chance. */
  client(): number {
    return Math.imul(++this.#count, 0x9e3779b1) >>> 0;
  }
}

interface Step {
  readonly device: number;
  readonly kind: 'act' | 'leave' | 'return' | 'reload' | 'tab' | 'whole';
  readonly choices: readonly number[];
  readonly mutations: readonly number[];
}

const kinds = ['act', 'act', 'act', 'act', 'leave', 'return', 'reload', 'tab', 'whole'] as const;
const step: fc.Arbitrary<Step> = fc.record({
  device: fc.nat(people.length - 1),
  kind: fc.constantFrom(...kinds),
  choices: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  mutations: fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 3 }),
});

/** What an honest page lets somebody do, by what his copy shows. */
function act(peer: Peer, choice: number, numbers: Numbers): void {
  const pick = <T>(from: readonly T[]): T | undefined => from[(choice >>> 4) % Math.max(from.length, 1)];
  const annotations = [...peer.map('annotations').keys()];
  const comments = [...peer.map('comments').keys()];
  const mine = (map: 'annotations' | 'comments', keys: string[]): string[] =>
    keys.filter((key) => peer.map(map).get(key)?.author === peer.person);
  const [about, other] = [pick(annotations), pick(comments)];
  const { person } = peer;
  switch (choice % 10) {
    case 0:
    case 1:
      peer.map('annotations').set(numbers.id(), annotation(person, { created: now - (choice % 1000) }));
      return;
    case 2:
    case 3: {
      const parent = choice % 3 === 0 ? other : undefined;
      const on = parent ? peer.map('comments').get(parent)?.annotation : about;
      if (on) peer.map('comments').set(numbers.id(), comment(person, on, parent ? { parent } : {}));
      return;
    }
    case 4: {
      const key = pick(mine('annotations', annotations));
      if (key)
        peer.change('annotations', key, { color: choice % 2 ? 'moss' : 'sky', tags: ['a', String(choice)] });
      return;
    }
    case 5: {
      const key = pick(mine('comments', comments));
      if (key) peer.change('comments', key, { body: `words ${choice}`, edited: now });
      return;
    }
    case 6:
      if (about)
        peer.map('status').set(about, { state: choice % 2 ? 'open' : 'resolved', ...signed(person) });
      return;
    case 7:
      if (about) peer.map('assigned').set(about, { to: choice % 2 ? anna : null, ...signed(person) });
      return;
    case 8: {
      const key = `${other} ${pick(emoji)} ${person}`;
      if (other && peer.map('reactions').has(key)) peer.map('reactions').delete(key);
      else if (other) peer.map('reactions').set(key, true);
      return;
    }
    case 9: {
      const key = pick(person === mo ? [...annotations, ...comments] : mine('comments', comments));
      if (key) peer.map('removed').set(key, signed(person));
      return;
    }
  }
}

type Facts = ReadonlyMap<string, string>;
/** What must never change: that an entry is there, and its fixed fields. */
function factsOf(test: GateUnderTest): Facts {
  const facts = new Map<string, string>();
  test.gate.doc.getMap<Annotation>('annotations').forEach(({ author, created, target }, key) => {
    facts.set(key, JSON.stringify([author, created, target]));
  });
  test.gate.doc.getMap<Comment>('comments').forEach((value, key) => {
    const { annotation: about, author, created, parent, quote } = value;
    facts.set(key, JSON.stringify([about, author, created, parent, quote]));
  });
  return facts;
}

/** The words of all but one person that are not removed. */
function wordsOfOthers(test: GateUnderTest, person: string): Map<string, string> {
  const words = new Map<string, string>();
  const removed = test.gate.doc.getMap('removed');
  for (const map of ['annotations', 'comments'] as const)
    test.gate.doc.getMap<Annotation | Comment>(map).forEach((value, key) => {
      if (value.author !== person && !removed.has(key)) words.set(key, JSON.stringify(value));
    });
  const reactions = test.gate.doc.getMap('reactions');
  for (const key of reactions.keys()) if (!key.endsWith(person)) words.set(key, 'true');
  return words;
}

function expectKept(before: Facts, after: Facts): void {
  for (const [key, fact] of before) expect(after.get(key), key).toBe(fact);
}

const lootOf = (test: GateUnderTest): Loot => {
  const ids: ClientClock[] = [[1, 0]];
  for (const [client, structs] of test.gate.doc.store.clients)
    for (const { id } of structs) ids.push([client, id.clock]);
  const keys = ['x', ...layerMaps.flatMap((map) => [...test.gate.doc.getMap(map).keys()])];
  return { ids, keys, roots: [...layerMaps, 'other'], people: [anna, ben, mo] };
};

const jsonOf = (doc: Y.Doc): unknown =>
  Object.fromEntries(
    layerMaps.map((map: LayerMap) => [map, Object.entries(doc.getMap(map).toJSON()).sort()]),
  );

class World {
  readonly numbers = new Numbers();
  readonly test = new GateUnderTest({ serverClient, amend: blank });
  readonly devices: Device[] = people.map((person) => ({
    person,
    peer: new Peer(person, this.numbers.client()),
    online: true,
  }));
  behind = 0;
  taken = 0;

  run({ device: index, kind, choices, mutations }: Step): void {
    const device = this.devices[index];
    const tab = this.devices[index ^ 1];
    if (!device || !tab) return;
    switch (kind) {
      case 'act':
        for (const choice of choices) {
          device.peer.doc.transact(() => act(device.peer, choice, this.numbers));
          this.#flush(device, mutations);
        }
        return;
      case 'leave':
        device.online = false;
        return;
      case 'reload':
        // From what the browser kept; what was not sent is in it.
        device.peer = new Peer(device.person, this.numbers.client(), device.peer.state());
        this.#return(device, mutations, choices[0] ?? 0);
        return;
      case 'return':
        this.#return(device, mutations, choices[0] ?? 0);
        return;
      case 'tab':
        // Two tabs of one browser tell each other what the server may not know yet.
        device.peer.receive(tab.peer.state());
        return;
      case 'whole':
        device.online = true;
        device.peer.takeUnsent();
        this.#send(device, device.peer.state(), mutations, {});
        this.#pull(device);
        return;
    }
  }

  /** Everybody comes back, and all copies say the same. */
  settle(): void {
    for (const device of this.devices) this.#return(device, [], 0);
    for (const device of this.devices) this.#pull(device);
    const want = jsonOf(this.test.gate.doc);
    for (const { peer } of this.devices) expect(jsonOf(peer.doc)).toEqual(want);
  }

  #flush(device: Device, mutations: readonly number[]): void {
    if (!device.online) return;
    for (const update of device.peer.takeUnsent()) this.#send(device, update, mutations, {});
  }

  /** A y-websocket reconnect: what each lacks, by the other's state vector. */
  #return(device: Device, mutations: readonly number[], choice: number): void {
    device.online = true;
    device.peer.takeUnsent();
    const own = new Set([device.peer.doc.clientID]);
    const how: Submission = choice % 3 === 0 ? {} : { sync: choice % 3 === 1 ? {} : { own } };
    this.#send(device, device.peer.state(this.test.stateVector), mutations, how);
    this.#pull(device);
  }

  #pull({ peer }: Device): void {
    peer.receive(Y.encodeStateAsUpdate(this.test.gate.doc, Y.encodeStateVector(peer.doc)));
  }

  #send(device: Device, update: Uint8Array, mutations: readonly number[], how: Submission): void {
    if (mutations.length > 0) this.#attack(update, mutations, how);
    const before = { state: this.test.state, facts: factsOf(this.test) };
    const result = this.test.submit(update, device.person, how);
    if (!result.ok) {
      expect(result.error).toMatchObject({ code: 'behind' });
      expect(sameBytes(before.state, this.test.state)).toBe(true);
      // Only what another tab has not sent yet may be missing: with the whole copy it is there.
      this.behind++;
      const again = this.test.submit(device.peer.state(this.test.stateVector), device.person, { sync: {} });
      expect(again).toMatchObject({ ok: true });
      if (again.ok) this.#deliver(null, again.value.update);
      return;
    }
    this.taken++;
    expectKept(before.facts, factsOf(this.test));
    this.#deliver(result.value.amended ? null : device, result.value.update);
  }

  #deliver(sender: Device | null, update: Uint8Array | null): void {
    if (!update) return;
    for (const device of this.devices) if (device !== sender && device.online) device.peer.receive(update);
  }

  /** What a hostile member makes of it, tried on a copy of the room. */
  #attack(update: Uint8Array, mutations: readonly number[], how: Submission): void {
    const { state, book } = this.test;
    const [first = 0] = mutations;
    const person = people[first % people.length] ?? ben;
    for (const mutated of [
      mutateBytes(update, mutations),
      mutateMeaning(update, mutations, lootOf(this.test)),
    ]) {
      const trial = new GateUnderTest({
        state,
        owners: book.owners,
        serverClient: serverClient + 1,
        amend: blank,
      });
      const result = trial.submit(mutated, person, how);
      const ended = !result.ok && result.error.code === 'integrity';
      if (ended) continue; // the room is rebuilt, and nothing went out
      if (!result.ok || !result.value.update) {
        expect(sameBytes(state, trial.state)).toBe(true);
        continue;
      }
      expectKept(factsOf(this.test), factsOf(trial));
      for (const [key, fact] of factsOf(trial))
        if (!factsOf(this.test).has(key)) expect(fact).toContain(person);
      const [before, after] = [wordsOfOthers(this.test, person), wordsOfOthers(trial, person)];
      for (const [key, words] of before) {
        if (person !== mo || after.has(key)) expect(after.get(key), key).toBe(words);
      }
      const reader = new Peer(person, 5, state);
      reader.receive(result.value.update);
      expect(sameBytes(reader.state(), trial.state)).toBe(true);
    }
  }
}

describe('people, their devices, and somebody who means harm', () => {
  it('[GATE21] honest work is never refused, whatever becomes of connections; nothing else changes what is others’', () => {
    let taken = 0;
    let behind = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), (steps) => {
        const world = new World();
        for (const one of steps) world.run(one);
        world.settle();
        taken += world.taken;
        behind += world.behind;
      }),
      { numRuns: 40 },
    );
    expect(taken).toBeGreaterThan(behind);
  });
});
