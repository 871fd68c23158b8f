import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { isHarmlessAddress } from '#core/content-rules.js';
import {
  craft,
  deleted,
  embed,
  format,
  nestedType,
  string,
  values,
  type CraftedContent,
  type CraftedStruct,
} from '../support/craft.js';
import { ben, contentRoom, eda, GateUnderTest, mo, Peer, sameBytes, writer } from '../support/peers.js';

const opening = 'Call me Ishmael. Some years ago';

function essay(): { test: GateUnderTest; editor: Peer; text: () => Y.Text } {
  const test = new GateUnderTest({ room: contentRoom });
  const editor = new Peer(eda, 5);
  test.take(
    editor.do((peer) => peer.doc.getText('content').insert(0, opening)),
    eda,
  );
  return { test, editor, text: () => test.gate.doc.getText('content') };
}
const textOf = (peer: Peer): Y.Text => peer.doc.getText('content');
const one = (content: CraftedContent, place: Partial<CraftedStruct> = { root: 'content' }): Uint8Array =>
  craft([{ client: 6, clock: 0, structs: [{ ...place, ...content }] }]);
const codeOf = (update: Uint8Array, by = eda): string => {
  const result = essay().test.submit(update, by);
  return result.ok ? 'ok' : result.error.code;
};

describe('who may write a text', () => {
  it('[CONTENT1] editors and owners, nobody else', () => {
    const allowed = (['owner', 'moderator', 'editor', 'reader', 'viewer'] as const).filter((role) => {
      const { test } = essay();
      const update = test.peer(ben, 6).do((peer) => textOf(peer).insert(0, 'x'));
      return test.submit(update, writer(ben, role)).ok;
    });
    expect(allowed).toEqual(['owner', 'editor']);
  });

  it('[CONTENT1] a reader neither inserts, nor takes words out, nor formats', () => {
    const acts: ((text: Y.Text) => void)[] = [
      (text) => text.insert(3, 'x'),
      (text) => text.delete(3, 2),
      (text) => text.format(0, 4, { bold: true }),
    ];
    for (const act of acts) {
      const { test } = essay();
      const before = test.state;
      const update = test.peer(ben, 6).do((peer) => act(textOf(peer)));
      expect(test.submit(update, ben)).toMatchObject({ error: { code: 'role' } });
      // In a sync, endings of others' words are passed over: the log may have lost them.
      const synced = test.submit(update, ben, { sync: {} });
      expect(synced.ok ? synced.value.update : synced.error.code).toBe(act === acts[1] ? null : 'role');
      expect(sameBytes(before, test.state)).toBe(true);
    }
  });

  it('[CONTENT2] what a mere reader’s copy tidies of formats by itself is passed over', () => {
    const { test, editor } = essay();
    const other = test.peer(eda, 6);
    const reader = test.peer(mo, 7);
    textOf(reader); // Yjs tidies only what it knows to be a text
    // Two editors embolden the same words at the same time; then some of them go.
    for (const peer of [editor, other]) {
      const { update } = test.take(
        peer.do((p) => textOf(p).format(0, 5, { bold: true })),
        eda,
      );
      reader.receive(update ?? craft([]));
    }
    const gone = test.take(
      editor.do((peer) => textOf(peer).delete(0, 8)),
      eda,
    );
    reader.receive(gone.update ?? craft([]));
    const tidied = reader.state(test.stateVector);
    expect(Y.decodeUpdate(tidied).structs).toEqual([]);
    const before = test.state;
    expect(sameBytes(reader.state(), before), 'the reader’s copy has ended more').toBe(false);
    for (const how of [{}, { sync: {} }]) expect(test.take(tidied, mo, how).update).toBeNull();
    expect(sameBytes(before, test.state)).toBe(true);
    // An editor's are taken.
    expect(test.take(tidied, eda).update).not.toBeNull();
  });

  it('[CONTENT3] the server’s own copy tidies nothing: it holds what was written, live and loaded again', () => {
    const { test, editor } = essay();
    const log = [test.state];
    const commit = (peer: Peer, act: (text: Y.Text) => void): void => {
      const applied = test.take(
        peer.do((p) => act(textOf(p))),
        eda,
      );
      expect(applied.amended).toBe(false);
      if (applied.update) log.push(applied.update);
    };
    const other = test.peer(eda, 6);
    for (const peer of [editor, other]) commit(peer, (text) => text.format(0, 5, { bold: true }));
    commit(editor, (text) => text.delete(0, 8));
    const untouched = new Y.Doc(); // which does not know that it is a text, and so tidies nothing
    for (const update of log) Y.applyUpdate(untouched, update);
    const asWritten = Y.encodeStateAsUpdate(untouched);
    expect(sameBytes(test.state, asWritten)).toBe(true);
    expect(sameBytes(new GateUnderTest({ room: contentRoom, state: asWritten }).state, asWritten)).toBe(true);
  });
});

describe('what editors write', () => {
  it('[CONTENT4] is taken as Quill would have it, and gives back what Yjs wrote', () => {
    const { test, editor, text } = essay();
    const reader = test.peer(ben, 9);
    const acts: ((text: Y.Text) => void)[] = [
      (t) => t.insert(4, 'very '),
      (t) => t.format(0, 8, { bold: true, link: 'https://example.org/a?b#c' }),
      (t) => t.insert(8, 'red', { color: '#c00', 'code-block': 'plain' }),
      (t) => t.format(2, 4, { bold: null }),
      (t) => t.insertEmbed(3, { image: '/pictures/whale.png' }),
      (t) => t.insertEmbed(0, { divider: true }),
      (t) => t.delete(2, 9),
      (t) => t.applyDelta([{ retain: 3 }, { insert: '\n', attributes: { header: 2 } }, { delete: 2 }]),
      (t) => t.insert(1, '文字😀'),
    ];
    for (const act of acts) {
      const { update } = test.take(
        editor.do((peer) => act(textOf(peer))),
        eda,
      );
      reader.receive(update ?? craft([]));
    }
    expect(text().toDelta()).toEqual(textOf(editor).toDelta());
    expect(sameBytes(reader.state(), test.state)).toBe(true);
  });

  it('[CONTENT4] a paste of almost a megabyte', () => {
    const { test, editor, text } = essay();
    test.take(
      editor.do((peer) => textOf(peer).insert(5, '一段很长的文字。'.repeat(40_000))),
      eda,
    );
    expect(text().length).toBe(opening.length + 320_000);
  });

  it('[CONTENT5] half an emoji becomes U+FFFD, in every copy', () => {
    const { test, editor, text } = essay();
    const { update } = test.take(
      editor.do((peer) => textOf(peer).insert(0, '\ud83d')),
      eda,
    );
    expect(text().toJSON()[0]).toBe('\ufffd');
    const reader = new Peer(ben, 9);
    reader.receive(test.state);
    expect(textOf(reader).toJSON()).toBe(text().toJSON());
    // What others insert in the middle of one is no fault either.
    test.take(
      editor.do((peer) => textOf(peer).insert(0, '😀')),
      eda,
    );
    test.take(
      editor.do((peer) => textOf(peer).insert(1, 'x')),
      eda,
    );
    expect(update).not.toBeNull();
  });

  it('[CONTENT4] offline, reloaded under another client id, and sent whole', () => {
    const { test, editor, text } = essay();
    textOf(editor).insert(0, 'First. ');
    textOf(editor).format(0, 5, { italic: true });
    const reloaded = new Peer(eda, 50, editor.state());
    textOf(reloaded).insert(3, '(second) ');
    textOf(reloaded).delete(0, 2);
    test.take(reloaded.state(), eda);
    expect(text().toDelta()).toEqual(textOf(reloaded).toDelta());
    expect(test.take(reloaded.state(), eda).update).toBeNull();
  });

  it('[CONTENT4] a run of which the room knows the beginning', () => {
    const { test, editor, text } = essay();
    textOf(editor).insert(opening.length, 'more');
    test.take(editor.state(), eda);
    expect(text().toJSON()).toBe(`${opening}more`);
  });
});

describe('what a text may hold', () => {
  it('[CONTENT6] one root, `content`, and its list', () => {
    expect(codeOf(one(string('x'), { root: 'other' }))).toBe('path');
    expect(codeOf(one(string('x'), { root: 'content', key: 'attribute' }))).toBe('path');
    expect(codeOf(one(string('x'), { root: '__proto__' }))).toBe('path');
    expect(codeOf(one(string('x'), { parent: [5, 0] }))).toBe('path');
  });

  it('[CONTENT6] structs that lean on each other in a circle are refused', () => {
    const between = (other: number) => [{ origin: [5, 3], right: [other, 0], ...string('x') }] as const;
    const circle = craft([
      { client: 7, clock: 0, structs: between(6) },
      { client: 6, clock: 0, structs: between(7) },
    ]);
    expect(codeOf(circle)).toBe('path');
    expect(codeOf(one(string('x'), { origin: [5, 3], right: [6, 0] }))).toBe('path');
  });

  it('[CONTENT6] gaps are behind', () => {
    expect(codeOf(one(string('x'), { origin: [77, 0] }))).toBe('behind');
    expect(codeOf(one(string('x'), { origin: [5, 3], right: [77, 0] }))).toBe('behind');
    expect(codeOf(craft([{ client: 6, clock: 2, structs: [{ root: 'content', ...string('x') }] }]))).toBe(
      'behind',
    );
    expect(codeOf(craft([], [[77, [[0, 2]]]]))).toBe('behind');
  });

  it('[CONTENT7] strings, embeds, formats and what was deleted; nothing else', () => {
    for (const content of [string('x'), embed('{"divider":true}'), format('bold', 'true'), deleted(3)])
      expect(codeOf(one(content))).toBe('ok');
    for (const content of [values('x'), ...[0, 1, 2, 6].map(nestedType)])
      expect(codeOf(one(content))).toBe('type');
    expect(codeOf(one(string('a\0b')))).toBe('shape');
  });

  it.each([
    ['bold', 'true'],
    ['header', '3'],
    ['indent', '-1.5'],
    ['align', '"right"'],
    ['font-family', 'null'],
    ['x'.repeat(32), JSON.stringify('y'.repeat(2048))],
    ['link', 'null'],
    ['link', '"mailto:anna@example.org"'],
  ])('[CONTENT8] the attribute %s: %s is kept', (name, json) =>
    expect(codeOf(one(format(name, json)))).toBe('ok'),
  );

  it.each([
    ['Bold', 'true'],
    ['a b', 'true'],
    ['', 'true'],
    ['onclick1', '""'],
    ['x'.repeat(33), 'true'],
    ['style', '{"color":"red"}'],
    ['list', '["x"]'],
    ['align', JSON.stringify('y'.repeat(2049))],
    ['link', 'true'],
    ['link', '"javascript:alert(1)"'],
    ['image', '"data:text/html,x"'],
  ])('[CONTENT8, S3] the attribute %s: %s is refused', (name, json) =>
    expect(codeOf(one(format(name, json)))).toBe('shape'),
  );

  it('[CONTENT8] what is no JSON is not read', () => {
    expect(codeOf(one(format('bold', 'tru')))).toBe('malformed');
    expect(codeOf(one(embed('{')))).toBe('malformed');
    expect(codeOf(one(format('align', JSON.stringify('y'.repeat(20_000)))))).toBe('limit');
  });

  it.each(['{"image":"https://example.org/a.png"}', '{"image":"a.png"}', '{"divider":true}'])(
    '[CONTENT9] the embed %s is kept',
    (json) => expect(codeOf(one(embed(json)))).toBe('ok'),
  );
  it.each([
    '{}',
    '{"divider":1}',
    '{"video":"https://example.org"}',
    '{"image":"javascript:alert(1)"}',
    '{"image":"a.png","alt":"x"}',
    '{"image":5}',
    '{"__proto__":{"image":"a.png"}}',
    '["image"]',
    '"x"',
    'null',
  ])('[CONTENT9, S3] the embed %s is refused', (json) => expect(codeOf(one(embed(json)))).toBe('shape'));

  it.each([
    '',
    'a.png',
    '/a',
    '../a?b=c:d',
    '#here',
    '?q',
    '//example.org',
    'http://a',
    'HTTPS://a',
    'mailto:a@b',
    'a/b:c',
  ])('[CONTENT10] %j is a harmless address', (address) => expect(isHarmlessAddress(address)).toBe(true));
  it.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    '\u0001javascript:alert(1)',
    '/a\tb',
    'data:image/png;base64,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:x',
    'a:b',
    ':',
    'x'.repeat(2049),
    null,
    5,
  ])('[CONTENT10] %j is none', (address) => expect(isHarmlessAddress(address)).toBe(false));
});
