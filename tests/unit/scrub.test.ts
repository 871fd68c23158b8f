import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { SERVER } from '#core/gate.js';
import { blank } from '../../server/rooms/scrub.js';
import {
  anna,
  annotation,
  ben,
  comment,
  contentRoom,
  GateUnderTest,
  mo,
  Peer,
  sameBytes,
  signed,
  uuid,
} from '../support/peers.js';
import { bensNewClient, mosClient, readingCircle, type Circle } from '../support/reading-circle.js';

const serverClient = 4_000_000_001;
const secret = 'SECRET WORDS';
const holds = (bytes: Uint8Array | null): boolean => bytes !== null && Buffer.from(bytes).includes(secret);

/** Ben's annotation and comment, full of words. */
function wordy(client = serverClient): Circle & { id: string; reply: string; author: Peer } {
  const circle = readingCircle({ amend: blank, serverClient: client });
  const [id, reply] = [uuid(), uuid()];
  const author = new Peer(ben, bensNewClient, circle.state);
  const update = author.do((peer) => {
    peer
      .map('annotations')
      .set(id, annotation(ben, { suggestion: secret, tags: [secret], jsonld: { secret } }));
    peer.map('comments').set(reply, comment(ben, id, { body: secret, quote: 'kept', jsonld: { secret } }));
  });
  circle.test.take(update, ben);
  return { ...circle, id, reply, author };
}
const remove = (circle: Circle, client: number, ...ids: string[]): ReturnType<GateUnderTest['take']> =>
  circle.test.take(
    circle.test.peer(mo, client).do((peer) => ids.forEach((id) => peer.map('removed').set(id, signed(mo)))),
    mo,
  );

describe('what is removed is blanked', () => {
  it('[SCRUB1, B5] body, suggestion, tags and jsonld go, from the state and from what is sent; the rest stays', () => {
    const circle = wordy();
    const { test, id, reply } = circle;
    const before = [test.get('annotations', id), test.get('comments', reply)] as const;
    const applied = remove(circle, mosClient, id, reply);
    const { suggestion: _s, jsonld: _j, ...rest } = before[0] ?? annotation(ben);
    const { jsonld: _k, ...kept } = before[1] ?? comment(ben, id);
    expect(test.get('annotations', id)).toEqual({ ...rest, tags: [] });
    expect(test.get('comments', reply)).toEqual({ ...kept, body: '' });
    expect([holds(test.state), holds(applied.update)]).toEqual([false, false]);
    expect(applied.amended).toBe(true);
    expect(applied.clients.get(serverClient)).toBe(SERVER);
    expect(applied.touched.get('annotations')).toEqual(new Set([id]));
    expect(applied.touched.get('comments')).toEqual(new Set([reply]));
  });

  // Of two who wrote without knowing of each other the higher client id wins: the author's, or the server's.
  it.each([3, serverClient])(
    '[SCRUB2, B5] a late edit that its author made offline is taken, and its words reach neither log nor others (%d)',
    (client) => {
      const circle = wordy(client);
      const { test, id, reply, author } = circle;
      const late = author.do((peer) => {
        peer.change('comments', reply, { body: `${secret} again`, edited: 5 });
        peer.change('annotations', id, { color: 'rose', tags: [secret] });
      });
      remove(circle, mosClient, id, reply);
      const applied = test.take(late, ben);
      expect([holds(applied.update), holds(test.state)]).toEqual([false, false]);
      expect(test.get('comments', reply)).toMatchObject({ body: '', ...(client === 3 && { edited: 5 }) });
      expect(test.get('annotations', id)).toMatchObject({ tags: [], ...(client === 3 && { color: 'rose' }) });
      // With the answer the author's copy is as the server's, and the author goes on writing.
      author.receive(test.state);
      expect(sameBytes(author.state(), test.state)).toBe(true);
      test.take(
        author.do((peer) => peer.change('comments', reply, { body: secret })),
        ben,
      );
      expect([test.get('comments', reply)?.body, holds(test.state)]).toEqual(['', false]);
    },
  );

  it('[SCRUB3] nothing is written where nothing is left to blank', () => {
    const circle = wordy();
    remove(circle, mosClient, circle.id, circle.reply);
    expect(remove(circle, mosClient + 1, circle.id, circle.reply)).toMatchObject({ amended: false });
    const { doc } = circle.test.gate;
    const state = circle.test.state;
    blank(doc, new Map([['removed', new Set([circle.id, circle.reply, uuid()])]]));
    expect(sameBytes(state, circle.test.state)).toBe(true);
  });

  it('[SCRUB3] only touched keys are looked at, and only what is marked', () => {
    const circle = wordy();
    const { doc } = circle.test.gate;
    doc.getMap('removed').set(circle.id, signed(mo));
    blank(
      doc,
      new Map([
        ['status', new Set([circle.id])],
        ['annotations', new Set([circle.annas])],
      ]),
    );
    expect(circle.test.get('annotations', circle.id)?.suggestion).toBe(secret);
    expect(circle.test.get('annotations', circle.annas)?.author).toBe(anna);
    blank(doc, new Map([['annotations', new Set([circle.id])]]));
    expect(circle.test.get('annotations', circle.id)?.suggestion).toBeUndefined();
  });

  it('[SCRUB4] in a room without these maps it makes none', () => {
    const test = new GateUnderTest({ room: contentRoom, amend: blank });
    test.gate.edit((doc) => doc.getText('content').insert(0, 'x'));
    expect([...test.gate.doc.share.keys()]).toEqual(['content']);
  });

  it('[SCRUB2] the mark and what it marks may come in one update', () => {
    const circle = readingCircle({ amend: blank });
    const id = uuid();
    const update = circle.ben((peer) => {
      peer.map('comments').set(id, comment(ben, circle.annas, { body: secret }));
      peer.map('removed').set(id, signed(ben));
    });
    const applied = circle.test.take(update, ben);
    expect(holds(applied.update)).toBe(false);
    const reader = new Y.Doc();
    Y.applyUpdate(reader, circle.test.state);
    expect(reader.getMap<{ body: string }>('comments').get(id)?.body).toBe('');
  });
});
