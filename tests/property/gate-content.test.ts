import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { mutateBytes } from '../support/mutate.js';
import { ben, contentRoom, eda, GateUnderTest, Peer, sameBytes, writer } from '../support/peers.js';

interface Step {
  readonly copy: number;
  readonly kind: 'write' | 'sync' | 'reload' | 'tab';
  readonly choices: readonly number[];
}

const step: fc.Arbitrary<Step> = fc.record({
  copy: fc.nat(3),
  kind: fc.constantFrom('write', 'write', 'write', 'sync', 'reload', 'tab'),
  choices: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
});

const textOf = (peer: Peer): Y.Text => peer.doc.getText('content');

function write(text: Y.Text, choice: number): void {
  const at = (choice >>> 4) % (text.length + 1);
  const length = Math.min((choice >>> 8) % 9, text.length - at);
  switch (choice % 6) {
    case 0:
      // No emoji: where Yjs splits one, copies differ about its halves.
      return text.insert(at, 'words 文字'.slice(choice % 7));
    case 1:
      return text.insert(0, `${choice % 10},`);
    case 2:
      return text.delete(at, length);
    case 3:
      return text.format(at, length, { bold: choice % 4 < 2 ? true : null });
    case 4:
      return text.format(at, length, { link: choice % 2 ? 'https://example.org/' : null });
    default:
      return text.insertEmbed(at, choice % 2 ? { divider: true } : { image: '/a.png' });
  }
}

/** Two editors and two readers; the readers only read, and their copies tidy formats. */
const people = [eda, 'owner', ben, ben];

describe('editors, their devices, readers, and somebody who means harm', () => {
  it('[CONTENT11] honest work is never refused; a reader changes nothing; all copies say the same', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => {
        const test = new GateUnderTest({ room: contentRoom });
        let clients = 1;
        const client = (): number => Math.imul(++clients, 0x9e3779b1) >>> 0;
        const copies = people.map((person) => new Peer(person, client()));
        for (const copy of copies) textOf(copy);
        const as = (person: string) => (person === 'owner' ? writer(eda, 'owner') : writer(person));
        const sync = (copy: Peer, choice: number): void => {
          const update = copy.state(choice % 4 === 0 ? undefined : test.stateVector);
          const before = test.state;
          const trial = new GateUnderTest({
            room: contentRoom,
            state: before,
            owners: test.book.owners,
            serverClient: 9,
          });
          const attack = trial.submit(mutateBytes(update, [choice, choice * 31]), writer(ben));
          if (attack.ok) expect(attack.value.update).toBeNull();
          expect(sameBytes(before, trial.state), 'a reader changes nothing').toBe(true);
          const applied = test.take(update, as(copy.person), choice % 2 ? { sync: {} } : {});
          const reader = new Y.Doc();
          Y.applyUpdate(reader, before);
          if (applied.update) Y.applyUpdate(reader, applied.update);
          expect(sameBytes(Y.encodeStateAsUpdate(reader), test.state)).toBe(true);
          copy.receive(Y.encodeStateAsUpdate(test.gate.doc, Y.encodeStateVector(copy.doc)));
        };
        for (const { copy: index, kind, choices } of steps) {
          const copy = copies[index];
          if (!copy) continue;
          const [choice = 0] = choices;
          if (kind === 'write' && index < 2)
            copy.doc.transact(() => choices.forEach((one) => write(textOf(copy), one)));
          else if (kind === 'tab') copy.receive(test.state);
          else if (kind === 'reload') {
            copies[index] = new Peer(copy.person, client(), copy.state());
            textOf(copies[index]);
          } else sync(copies[index] ?? copy, choice);
        }
        for (const copy of [...copies, ...copies]) sync(copy, 1);
        const want = textOf(copies[0] ?? new Peer(ben, 1)).toDelta();
        for (const copy of copies) expect(textOf(copy).toDelta()).toEqual(want);
        expect(test.gate.doc.getText('content').toDelta()).toEqual(want);
      }),
      { numRuns: 100 },
    );
  });
});
