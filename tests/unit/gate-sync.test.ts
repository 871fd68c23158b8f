import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { craft, deleted, values } from '../support/craft.js';
import {
  anna,
  annotation,
  ben,
  comment,
  contentRoom,
  eda,
  GateUnderTest,
  Peer,
  sameBytes,
  signed,
  uuid,
} from '../support/peers.js';
import {
  annasClient,
  bensNewClient,
  heart,
  readingCircle,
  thumb,
  type Circle,
} from '../support/reading-circle.js';

/**
 * A backup is restored: the room has lost what came after `circle`, but copies have it. Anna's work under the client
 * id that the room knows, and under one that it does not; Ben has seen both.
 */
function restored(): Circle & { readonly lost: Uint8Array; readonly lostId: string } {
  const circle = readingCircle();
  const known = new Peer(anna, annasClient, circle.state);
  const lostId = uuid();
  known.map('annotations').set(lostId, annotation(anna));
  known.change('comments', circle.annasComment, { body: 'lost words' });
  known.map('reactions').delete(`${circle.annasComment} ${thumb} ${anna}`);
  const unknown = new Peer(anna, 11, known.state());
  unknown.map('comments').set(uuid(), comment(anna, circle.annas));
  unknown.change('comments', circle.annasComment, { body: 'lost words again' });
  unknown.map('status').set(circle.annas, { state: 'open', ...signed(anna) });
  unknown.map('reactions').set(`${circle.annasComment} ${heart} ${anna}`, true);
  return { ...circle, lost: unknown.state(), lostId };
}

const step2 = (circle: Circle, peer: Peer): Uint8Array => peer.state(circle.test.stateVector);

describe('a copy that holds what the log has lost', () => {
  it('[GATE6, B7] is taken in a sync: others’ lost work is left out, one’s own is judged', () => {
    for (const own of [undefined, new Set([bensNewClient])]) {
      const circle = restored();
      const peer = new Peer(ben, bensNewClient, circle.lost);
      const id = uuid();
      peer.map('comments').set(id, comment(ben, circle.annas));
      const { clients } = circle.test.take(step2(circle, peer), ben, { sync: own ? { own } : {} });
      expect(clients).toEqual(new Map([[bensNewClient, ben]]));
      expect(circle.test.get('comments', id)?.author).toBe(ben);
      expect(circle.test.get('annotations', circle.lostId)).toBeUndefined();
      // Their lost endings are left out too.
      expect(circle.test.get('comments', circle.annasComment)?.body).toBe('words');
      expect(circle.test.get('reactions', `${circle.annasComment} ${thumb} ${anna}`)).toBe(true);
      // And once she who wrote it comes, all of it is there again.
      circle.test.take(new Peer(anna, 12, circle.lost).state(), anna, { sync: {} });
      expect(circle.test.get('comments', circle.annasComment)?.body).toBe('lost words again');
      expect(sameBytes(peer.state(), circle.test.state)).toBe(true);
    }
  });

  it('[GATE6] is taken from one who wrote nothing himself, who announced his client ids', () => {
    const circle = restored();
    const peer = new Peer(ben, bensNewClient, circle.lost);
    const how = { sync: { own: new Set([bensNewClient]) } };
    expect(circle.test.take(step2(circle, peer), ben, how).update).toBeNull();
    expect(sameBytes(circle.state, circle.test.state)).toBe(true);
  });

  it('[GATE6] own work under an earlier client id is taken, announced or not', () => {
    const circle = restored();
    const earlier = new Peer(ben, 31, circle.lost);
    earlier.map('comments').set(uuid(), comment(ben, circle.annas));
    const peer = new Peer(ben, 32, earlier.state());
    const { clients } = circle.test.take(step2(circle, peer), ben, { sync: { own: new Set([32]) } });
    expect(clients).toEqual(new Map([[31, ben]]));
  });

  it('[GATE6] one’s own that leans on what is lost is behind, until she who wrote that has sent it', () => {
    const circle = restored();
    const peer = new Peer(ben, bensNewClient, circle.lost);
    peer.map('comments').set(uuid(), comment(ben, circle.lostId));
    expect(circle.test.submit(step2(circle, peer), ben, { sync: {} })).toMatchObject({
      error: { code: 'behind' },
    });
    circle.test.take(new Peer(anna, 12, circle.lost).state(), anna, { sync: {} });
    circle.test.take(step2(circle, peer), ben, { sync: {} });
  });

  it('[GATE6] so is a mark of one’s own that another’s lost one has overwritten', () => {
    const circle = readingCircle();
    const mine = new Peer(ben, bensNewClient, circle.state);
    mine.map('assigned').set(circle.annas, { to: ben, ...signed(ben) });
    const over = new Peer(anna, annasClient, mine.state());
    over.map('assigned').set(circle.annas, { to: anna, ...signed(anna) });
    const peer = new Peer(ben, 32, over.state());
    expect(circle.test.submit(step2(circle, peer), ben, { sync: {} })).toMatchObject({
      error: { code: 'behind' },
    });
    circle.test.take(over.state(), anna, { sync: {} });
    circle.test.take(step2(circle, peer), ben, { sync: {} });
    expect(circle.test.get('assigned', circle.annas)?.to).toBe(anna);
  });

  it('[GATE6] overwritten work of others, of which only the place is left, is theirs by its key', () => {
    const circle = readingCircle();
    const key = uuid();
    const before = new Peer(anna, 11, circle.state);
    before.map('comments').set(key, comment(anna, circle.annas));
    const after = new Peer(anna, 12, before.state());
    after.change('comments', key, { body: 'again' });
    const peer = new Peer(ben, bensNewClient, after.state());
    peer.map('annotations').set(uuid(), annotation(ben));
    const { clients } = circle.test.take(step2(circle, peer), ben, { sync: {} });
    expect([...clients.keys()]).toEqual([bensNewClient]);
  });

  it('[GATE5] in a plain update all of that is refused', () => {
    const circle = restored();
    const peer = new Peer(ben, bensNewClient, circle.lost);
    peer.map('comments').set(uuid(), comment(ben, circle.annas));
    expect(circle.test.submit(step2(circle, peer), ben)).toMatchObject({ error: { code: 'client' } });
    expect(sameBytes(circle.state, circle.test.state)).toBe(true);
  });
});

describe('a forger’s first update, which comes as a sync', () => {
  const forged = (circle: Circle): Uint8Array =>
    new Peer(ben, bensNewClient, circle.state).do((peer) =>
      peer.map('annotations').set(uuid(), annotation(anna)),
    );

  it('[GATE7] is refused, with announced client ids and without', () => {
    for (const sync of [{}, { own: new Set([bensNewClient]) }]) {
      const circle = readingCircle();
      expect(circle.test.submit(forged(circle), ben, { sync })).toMatchObject({ error: { code: 'author' } });
    }
  });

  it('[GATE7] beside something of his own under another client id it is left out, and nobody sees it', () => {
    const circle = readingCircle();
    const own = new Peer(ben, 31, circle.state).do((peer) =>
      peer.map('annotations').set(uuid(), annotation(ben)),
    );
    const { clients } = circle.test.take(Y.mergeUpdates([forged(circle), own]), ben, { sync: {} });
    expect([...clients.keys()]).toEqual([31]);
    expect([...circle.test.gate.doc.getMap('annotations').keys()]).toHaveLength(3);
  });

  it('[GATE7] and under the same client id refused', () => {
    const circle = readingCircle();
    const peer = new Peer(ben, bensNewClient, circle.state);
    const both = peer.do((p) => {
      p.map('annotations').set(uuid(), annotation(ben));
      p.map('annotations').set(uuid(), annotation(anna));
    });
    expect(circle.test.submit(both, ben, { sync: {} })).toMatchObject({ error: { code: 'author' } });
  });

  it('[GATE6, GATE8] that only ends another’s work ends nothing: it is passed over, as a copy may hold what the log lost', () => {
    const circle = readingCircle();
    const [client, clock] = circle.at('annotations', circle.annas);
    const ends = craft([], [[client, [[clock, 1]]]]);
    const reaction = new Peer(ben, bensNewClient, circle.state).do((peer) =>
      peer.map('reactions').delete(`${circle.annasComment} ${thumb} ${anna}`),
    );
    for (const update of [ends, reaction])
      for (const sync of [{}, { own: new Set([bensNewClient]) }])
        expect(circle.test.take(update, ben, { sync }).update).toBeNull();
    expect(sameBytes(circle.state, circle.test.state)).toBe(true);
    // In a plain update it is refused, and so is the end of what one wrote oneself.
    expect(circle.test.submit(ends, ben)).toMatchObject({ error: { code: 'removal' } });
    expect(circle.test.submit(reaction, ben)).toMatchObject({ error: { code: 'owner' } });
    const [mine, at] = circle.at('annotations', circle.bens);
    expect(circle.test.submit(craft([], [[mine, [[at, 1]]]]), ben, { sync: {} })).toMatchObject({
      error: { code: 'removal' },
    });
  });

  it('[GATE8] that writes over another’s key with deleted content is refused', () => {
    const circle = readingCircle();
    const over = { origin: circle.at('annotations', circle.annas), ...deleted(1) };
    const update = craft([{ client: bensNewClient, clock: 0, structs: [over] }]);
    expect(circle.test.submit(update, ben, { sync: {} })).toMatchObject({ error: { code: 'owner' } });
  });

  it('[GATE6] a gap in what is left out is no fault, a gap in one’s own is behind', () => {
    const circle = readingCircle();
    const place = { root: 'annotations', key: uuid() };
    const others = { client: annasClient, clock: 90, structs: [{ ...place, ...values(annotation(anna)) }] };
    const own = (clock: number) => ({
      client: bensNewClient,
      clock,
      structs: [{ ...place, ...values(annotation(ben)) }],
    });
    expect(circle.test.submit(craft([own(4), others]), ben, { sync: {} })).toMatchObject({
      error: { code: 'behind' },
    });
    circle.test.take(craft([own(0), others], [[annasClient, [[90, 1]]]]), ben, { sync: {} });
  });
});

describe('a text that has lost work', () => {
  it('[GATE6] a reader’s copy of it is left out where he announced his client ids; an editor’s own is taken', () => {
    const test = new GateUnderTest({ room: contentRoom });
    const editor = new Peer(eda, 5);
    test.take(
      editor.do(({ doc }) => doc.getText('content').insert(0, 'Known.')),
      eda,
    );
    editor.doc.getText('content').insert(6, ' Lost.');
    const other = new Peer(eda, 6, editor.state());
    other.doc.getText('content').insert(0, 'Lost too. ');
    const reader = new Peer(ben, 7, other.state());
    const update = reader.state(test.stateVector);
    expect(test.take(update, ben, { sync: { own: new Set([7]) } }).update).toBeNull();
    expect(test.submit(update, ben)).toMatchObject({ error: { code: 'client' } });
    expect(test.submit(other.state(test.stateVector), ben, { sync: { own: new Set([6]) } })).toMatchObject({
      error: { code: 'role' },
    });
    test.take(other.state(test.stateVector), eda, { sync: {} });
    expect(test.gate.doc.getText('content').toJSON()).toBe('Lost too. Known. Lost.');
  });
});
