import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Annotation, Comment, JsonObject, Target } from '../../core/entries.js';
import { encodePosition } from '../../core/position.js';
import { commentJsonld, readParts, toWebAnnotation, toWebReply, withVia } from '../../core/web-annotation.js';
import { findFaults } from '../../core/web-annotation-faults.js';
import { keepTarget, readTarget, writeTarget, type Places } from '../../core/web-target.js';

const context = 'http://www.w3.org/ns/anno.jsonld';
const container = 'http://localhost/api/layers/l/annotations/';
const places: Places = {
  document: 'http://localhost/documents/d',
  isDocument: (iri) => iri === 'http://localhost/documents/d' || iri === 'http://localhost/api/documents/d',
  nameOf: (iri) => (iri.startsWith(container) ? iri.slice(container.length) : null),
};
const creator = { iri: 'http://localhost/users/u', name: 'Anna' };
const span = { start: 3, end: 8 };
const words: Target = {
  start: encodePosition({ item: null, assoc: 0 }),
  end: encodePosition({ item: null, assoc: -1 }),
  exact: 'words',
  prefix: 'the ',
  suffix: '',
  from: 3,
  to: 8,
};

/** Stores a W3C annotation as entries do, and writes it again. `change` is what happens to the entries meanwhile. */
function roundTrip(
  given: JsonObject,
  change: (entries: { annotation: Annotation; comment: Comment | undefined }) => void = () => undefined,
): JsonObject {
  const parts = readParts(given, 'annotation');
  const target = readTarget(given['target'] ?? null, places).kind === 'words' ? words : null;
  const kept = keepTarget(given['target'] ?? null, target, span, places);
  const annotation: Annotation = {
    author: 'u',
    created: 0,
    motivation: parts.motivation,
    target,
    color: 'amber',
    tags: [...parts.tags],
    ...(parts.suggestion !== undefined && { suggestion: parts.suggestion }),
    jsonld: kept === undefined ? parts.rest : { ...parts.rest, target: kept },
  };
  const jsonld = commentJsonld(parts.textRest);
  const comment: Comment | undefined =
    parts.text === null
      ? undefined
      : { annotation: 'a', author: 'u', created: 0, body: parts.text, ...(jsonld && { jsonld }) };
  const entries = { annotation, comment };
  change(entries);
  const {
    id: _id,
    creator: _creator,
    created: _created,
    ...back
  } = toWebAnnotation({
    iri: `${container}a`,
    creator,
    places,
    moved: undefined,
    span: target && span,
    ...entries,
  });
  return back;
}

const note = (more: JsonObject): JsonObject => ({
  '@context': context,
  type: 'Annotation',
  target: places.document,
  ...more,
});

describe('there and back', () => {
  const text = fc.stringMatching(/^[a-z ]{1,12}$/).map((value) => `x${value}`);
  const iri = fc.constantFrom('http://example.org/a', 'urn:b', 'https://example.org/c?d#e');
  const extra = fc.dictionary(
    fc.constantFrom('language', 'format', 'x:one', 'creator'),
    fc.oneof(text, fc.integer(), fc.array(text)),
    { maxKeys: 2 },
  );
  const textual = fc
    .record({
      value: text,
      purpose: fc.option(fc.constantFrom('tagging', 'editing', 'describing'), { nil: undefined }),
      more: extra,
    })
    .map(({ value, purpose, more }): JsonObject => ({
      type: 'TextualBody',
      ...(more as JsonObject),
      value,
      ...(purpose && { purpose }),
    }));
  const resource = fc.oneof(
    iri,
    textual,
    fc.record({ id: iri, type: fc.constantFrom('Image', 'Dataset') }),
    fc.record({ type: fc.constant('Choice'), items: fc.array(iri, { minLength: 1, maxLength: 3 }) }),
    fc.record({
      type: fc.constant('SpecificResource'),
      source: iri,
      selector: fc.record({ type: fc.constant('FragmentSelector'), value: text }),
    }),
  );
  const quote = fc.record({
    type: fc.constant('TextQuoteSelector'),
    exact: fc.constantFrom('words', 'other'),
  });
  const here = fc
    .tuple(
      fc.constantFrom(places.document, 'http://localhost/api/documents/d'),
      fc.oneof(quote, fc.array(quote, { minLength: 1, maxLength: 2 })),
      extra,
    )
    .map(([source, selector, more]) => ({ ...more, source, selector }));
  const target = fc.oneof(iri, here, resource, fc.array(fc.oneof(iri, here), { minLength: 1, maxLength: 3 }));
  const annotation = fc
    .record(
      {
        motivation: fc.oneof(
          fc.constantFrom('commenting', 'highlighting', 'tagging', 'editing', 'oa:questioning', 'x:own'),
          fc.array(fc.constantFrom('linking', 'x:own'), { minLength: 1 }),
        ),
        body: fc.oneof(resource, fc.array(resource, { maxLength: 4 })),
        target,
        rights: iri,
        via: fc.array(iri),
        'x:more': fc.jsonValue({ maxDepth: 2 }),
      },
      { requiredKeys: ['target'], noNullPrototype: true },
    )
    .map((more) => note(JSON.parse(JSON.stringify(more)) as JsonObject));

  test('[ANNO30] what is given is given back, whatever its bodies and targets are', () => {
    fc.assert(
      fc.property(annotation, (given) => {
        fc.pre(findFaults(given).length === 0);
        const back = roundTrip(given);
        const empty = Array.isArray(given['body']) && given['body'].length === 0;
        expect(back).toEqual(empty ? { ...given, body: undefined } : given);
      }),
      { numRuns: 500 },
    );
  });

  test('[ANNO31] a second time nothing changes', () => {
    fc.assert(
      fc.property(annotation, (given) => {
        fc.pre(findFaults(given).length === 0);
        const once = roundTrip(given);
        expect(roundTrip(once)).toEqual(once);
      }),
    );
  });
});

describe('what readers change in the page', () => {
  test('[ANNO32] the words of a body change, what else it says stays', () => {
    const body = { type: 'TextualBody', value: 'Un mot', language: 'fr', format: 'text/plain' };
    const edit = ({ comment }: { comment: Comment | undefined }) => {
      if (comment) comment.body = 'Deux mots';
    };
    expect(roundTrip(note({ body }), edit)['body']).toEqual({ ...body, value: 'Deux mots' });
    expect(roundTrip(note({ bodyValue: 'Un mot' }), edit)['bodyValue']).toBe('Deux mots');
    const html = { type: 'TextualBody', value: '<p>Un <b>mot</b></p>', format: 'text/html' };
    expect(roundTrip(note({ body: html }))['body']).toEqual(html);
    expect(roundTrip(note({ body: html }), edit)['body']).toEqual({
      type: 'TextualBody',
      value: 'Deux mots',
      format: 'text/markdown',
    });
  });

  test('[ANNO33] HTML is read as plain text, and never goes on as markup', () => {
    const parts = readParts(
      note({
        body: {
          type: 'TextualBody',
          value: '<p>A &lt;b&gt; &amp;<br>B<script>x()</script></p>',
          format: 'text/html',
        },
      }),
      'annotation',
    );
    expect(parts.text).toBe('A <b> &\nBx()');
  });

  test('[ANNO34] tags and suggestions that are taken away or added show so', () => {
    const given = note({
      body: [
        'http://example.org/a',
        { type: 'TextualBody', purpose: 'tagging', value: 'old', language: 'en' },
        { type: 'TextualBody', purpose: 'editing', value: 'better', format: 'text/plain' },
      ],
    });
    const back = roundTrip(given, ({ annotation }) => {
      annotation.tags = ['new'];
      annotation.suggestion = 'best';
    });
    expect(back['body']).toEqual([
      'http://example.org/a',
      { type: 'TextualBody', purpose: 'editing', value: 'best', format: 'text/plain' },
      { type: 'TextualBody', purpose: 'tagging', value: 'new' },
    ]);
  });

  test('[ANNO35] a motivation that is changed replaces the given one, however it was written', () => {
    const set = ({ annotation }: { annotation: Annotation }) => void (annotation.motivation = 'questioning');
    expect(roundTrip(note({ motivation: ['oa:commenting', 'x:own'] }))['motivation']).toEqual([
      'oa:commenting',
      'x:own',
    ]);
    expect(roundTrip(note({ motivation: ['oa:commenting', 'x:own'] }), set)['motivation']).toBe(
      'questioning',
    );
    expect(roundTrip(note({}))).not.toHaveProperty('motivation');
    expect(roundTrip(note({}), set)['motivation']).toBe('questioning');
  });

  test('[ANNO36, S15] words of a removed body are in no other entry', () => {
    const parts = readParts(
      note({ body: [{ type: 'TextualBody', value: 'Secret', language: 'en' }, 'http://example.org/a'] }),
      'annotation',
    );
    expect(JSON.stringify([parts.rest, parts.textRest])).not.toContain('Secret');
    expect(JSON.stringify(readParts(note({ bodyValue: 'Secret' }), 'annotation').rest)).not.toContain(
      'Secret',
    );
  });
});

describe('targets', () => {
  const quote = { type: 'TextQuoteSelector', exact: 'words' };
  test.each([
    [places.document, { kind: 'document' }],
    [{ id: places.document }, { kind: 'document' }],
    [{ source: { id: places.document, type: 'Text' } }, { kind: 'document' }],
    [`${container}a.b`, { kind: 'entry', name: 'a.b' }],
    [
      { id: `${container}a`, type: 'Annotation' },
      { kind: 'entry', name: 'a' },
    ],
    ['http://example.org/', { kind: 'elsewhere' }],
    [{ source: 'http://example.org/', selector: quote }, { kind: 'elsewhere' }],
    [{ source: places.document, selector: { type: 'XPathSelector', value: '/' } }, { kind: 'elsewhere' }],
    [['http://example.org/', places.document], { kind: 'document' }],
  ])('[ANNO37] %# %j is read as %j', (given, kind) => {
    expect(readTarget(given, places)).toEqual(kind);
  });

  test('[ANNO38] quotes and positions are found in lists and choices', () => {
    const position = { type: ['TextPositionSelector'], start: 1, end: 2 };
    const selector = { type: 'Choice', items: [{ type: 'FragmentSelector', value: 'x' }, position, quote] };
    const read = {
      kind: 'words',
      quote: { exact: 'words', prefix: '', suffix: '' },
      span: { start: 1, end: 2 },
    };
    expect(readTarget({ source: places.document, selector }, places)).toEqual(read);
    expect(
      readTarget(['http://example.org/', { source: places.document, selector: selector.items }], places),
    ).toEqual(read);
  });

  test('[ANNO39] attached anew, old selectors go and everything else stays', () => {
    const given = {
      source: places.document,
      selector: [{ type: 'TextQuoteSelector', exact: 'old' }],
      styleClass: 'x',
    };
    const kept = keepTarget(given, { ...words, exact: 'old' }, span, places);
    expect(writeTarget(words, span, kept, places, true)).toEqual({
      source: places.document,
      styleClass: 'x',
      selector: [
        { type: 'TextQuoteSelector', exact: 'words', prefix: 'the ' },
        { type: 'TextPositionSelector', start: 3, end: 8 },
      ],
    });
    expect(writeTarget(words, null, undefined, places)).toEqual({
      type: 'SpecificResource',
      source: places.document,
      selector: [{ type: 'TextQuoteSelector', exact: 'words', prefix: 'the ' }],
    });
  });
});

test('[ANNO40] a reply comes back as it was given, and its tags are its own', () => {
  const given = note({
    motivation: 'replying',
    body: [
      { type: 'TextualBody', value: 'Yes' },
      { type: 'TextualBody', purpose: 'tagging', value: 'agreed' },
    ],
    target: `${container}a`,
    rights: 'http://example.org/r',
  });
  const parts = readParts(given, 'reply');
  expect(parts).toMatchObject({ text: 'Yes', tags: [] });
  const jsonld = commentJsonld(parts.textRest, parts.rest);
  const comment: Comment = {
    annotation: 'a',
    author: 'u',
    created: 0,
    body: 'Yes',
    ...(jsonld && { jsonld }),
  };
  const {
    id,
    creator: by,
    created,
    ...back
  } = toWebReply({ iri: `${container}r`, creator, places, comment, to: `${container}a` });
  expect(back).toEqual(given);
  expect({ id, by, created }).toEqual({
    id: `${container}r`,
    by: { id: creator.iri, type: 'Person', name: 'Anna' },
    created: '1970-01-01T00:00:00.000Z',
  });
});

test('[ANNO41] an IRI from before joins the others in via', () => {
  expect(withVia({}, undefined)).toEqual({});
  expect(withVia({}, 'urn:a')).toEqual({ via: 'urn:a' });
  expect(withVia({ via: 'urn:b' }, 'urn:a')).toEqual({ via: ['urn:b', 'urn:a'] });
});

describe('faults', () => {
  test('[ANNO42] a valid annotation has none', () => {
    expect(findFaults(note({ body: 'urn:a' }))).toEqual([]);
  });

  test('[ANNO43] each is told with its path, all of them at once', () => {
    const faults = findFaults({
      type: 'Annotation',
      id: 7,
      body: { value: 7 },
      bodyValue: 'x',
      target: [{ source: {} }, { source: 7 }],
    });
    expect(faults.map(({ path }) => path)).toEqual([
      '@context',
      'id',
      'bodyValue',
      'body.value',
      'target.1.source',
    ]);
  });

  test('[ANNO44] what JSON could not give back safely is one', () => {
    const unsafe: unknown = JSON.parse(
      `{"@context":"${context}","type":"Annotation","target":"urn:a","x":[{"__proto__":1}]}`,
    );
    expect(findFaults(unsafe)).toEqual([{ path: 'x.0.__proto__', message: 'cannot be stored' }]);
    let deep: JsonObject = {};
    for (let level = 0; level < 30; level++) deep = { deep };
    expect(findFaults(note({ deep }))[0]?.message).toBe('cannot be stored');
  });

  test('[ANNO45] whatever comes, it is judged and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (body, target) => {
        expect(Array.isArray(findFaults({ '@context': context, type: 'Annotation', body, target }))).toBe(
          true,
        );
      }),
    );
  });
});
