import { beforeAll, describe, expect, test } from 'vitest';
import type * as Y from 'yjs';
import type { Annotation, Comment, LayerEntries, LayerMap } from '../../core/entries.js';
import {
  type Answer,
  Asker,
  layerRoom,
  startHttp,
  type HttpServer,
  someText,
  someNumber,
  textLike,
} from '../support/http.js';

const context = 'http://www.w3.org/ns/anno.jsonld';
const profile = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"';
const essay =
  'A walk 🚶 and more\n\nOne goes out early 🌄, when nobody is about. One comes back, when nobody is about, late.\n';

let server: HttpServer;
let owner: Asker;
let anna: Asker;
let ben: Asker;
let layer: string;
let container: string;
let iri: string;
beforeAll(async () => {
  server = await startHttp({ essay });
  owner = await Asker.join(server, 'Olga');
  anna = await Asker.join(server, 'Anna');
  ben = await Asker.join(server, 'Ben');
  layer = await anna.layer();
  container = `/api/layers/${layer}/annotations/`;
  iri = (await anna.document()).iri;
});

const path = (address: string) => new URL(address).pathname;
const post = (asker: Asker, annotation: unknown, headers = {}) =>
  asker.ask(container, {
    method: 'POST',
    json: annotation,
    headers: { 'content-type': profile, ...headers },
  });
const put = (asker: Asker, address: string, json: unknown, headers = {}) =>
  asker.ask(path(address), { method: 'PUT', json, headers: { 'content-type': profile, ...headers } });
const inRoom = <T>(read: (doc: Y.Doc) => T) => server.door.read(layerRoom(layer), read);
const entry = <M extends LayerMap>(map: M, key: string) =>
  inRoom((doc) => doc.getMap<LayerEntries[M]>(map).get(key));
const note = (more: Record<string, unknown> = {}) => ({
  '@context': context,
  type: 'Annotation',
  body: { type: 'TextualBody', value: 'A thought', format: 'text/plain' },
  target: { source: iri, selector: { type: 'TextQuoteSelector', exact: 'goes out early' } },
  ...more,
});
const idOf = (answer: { json: { id: string } }) => answer.json.id.split('/').at(-1) ?? '';

describe('creating', () => {
  test('[ANNO1] an annotation of a quote is anchored, stored as a reader’s own, and given back', async () => {
    const made = await post(anna, note({ motivation: 'questioning' }));
    expect(made.status).toBe(201);
    const { id } = made.json;
    expect(id).toMatch(new RegExp(`^${server.url}${container}[0-9a-f-]{36}$`));
    expect(made.headers.get('location')).toBe(id);
    expect(made.headers.get('content-type')).toBe(profile);
    expect(made.headers.get('link')).toBe('<http://www.w3.org/ns/ldp#Resource>; rel="type"');
    expect(made.headers.get('allow')).toBe('DELETE, GET, HEAD, OPTIONS, PUT');
    expect(made.json).toEqual({
      ...note({ motivation: 'questioning' }),
      id,
      creator: { id: `${server.url}/users/${anna.id}`, type: 'Person', name: 'Anna' },
      created: textLike(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    const got = await anna.ask(path(id));
    expect(got.json).toEqual(made.json);
    expect(got.headers.get('etag')).toBe(made.headers.get('etag'));
    const stored = await entry('annotations', idOf(made));
    expect(stored).toMatchObject({
      author: anna.id,
      motivation: 'questioning',
      target: { exact: 'goes out early' },
    });
    const text = essay.replace('\n\n', '\n');
    expect(stored?.target?.from).toBe(text.indexOf('goes out'));
  });

  test('[ANNO2] positions count code points, in and out', async () => {
    const text = [...essay.replace('\n\n', '\n')];
    const start = text.join('').indexOf('nobody') - 2; // two pairs of surrogates stand before it
    const made = await post(
      anna,
      note({ target: { source: iri, selector: { type: 'TextPositionSelector', start, end: start + 6 } } }),
    );
    expect((await entry('annotations', idOf(made)))?.target?.exact).toBe('nobody');
    // An annotation that a page made comes out with both selectors.
    const id = crypto.randomUUID();
    const target = (await entry('annotations', idOf(made)))?.target ?? null;
    const value: Annotation = {
      author: ben.id,
      created: Date.now(),
      motivation: 'highlighting',
      target,
      color: 'moss',
      tags: ['early'],
    };
    await server.door.write({ id: ben.id, name: 'Ben' }, layerRoom(layer), [
      { map: 'annotations', key: id, value },
    ]);
    const got = await anna.ask(container + id);
    expect(got.json.target).toEqual({
      type: 'SpecificResource',
      source: iri,
      selector: [
        { type: 'TextQuoteSelector', exact: 'nobody', prefix: target?.prefix, suffix: target?.suffix },
        { type: 'TextPositionSelector', start, end: start + 6 },
      ],
    });
    expect(got.json.body).toEqual({ type: 'TextualBody', purpose: 'tagging', value: 'early' });
  });

  test('[ANNO3] of equal quotes the surroundings choose, then the position', async () => {
    const quote = { type: 'TextQuoteSelector', exact: 'when nobody is about' };
    const text = essay.replace('\n\n', '\n');
    const [first, second] = [text.indexOf(quote.exact), text.lastIndexOf(quote.exact)];
    const at = async (selector: unknown) => {
      const made = await post(anna, note({ target: { source: iri, selector } }));
      return (await entry('annotations', idOf(made)))?.target?.from;
    };
    expect(await at(quote)).toBe(first);
    expect(await at({ ...quote, prefix: 'comes back, ' })).toBe(second);
    expect(await at({ ...quote, suffix: ', late' })).toBe(second);
    expect(await at([quote, { type: 'TextPositionSelector', start: second, end: second + 20 }])).toBe(second);
  });

  test('[ANNO4] a quote that the text does not hold is kept as lost', async () => {
    const given = note({
      target: { source: iri, selector: { type: 'TextQuoteSelector', exact: 'no such words', prefix: 'p' } },
    });
    const made = await post(anna, given);
    expect(made.status).toBe(201);
    expect(made.json.target).toEqual(given.target);
    expect((await entry('annotations', idOf(made)))?.target).toMatchObject({
      exact: 'no such words',
      from: 0,
      to: 0,
    });
  });

  test.each<[string, Record<string, unknown>]>([
    [
      'several bodies in their order',
      {
        body: [
          'http://example.org/a.png',
          { type: 'TextualBody', value: 'A' },
          { type: 'TextualBody', value: 'tag', purpose: 'tagging' },
        ],
      },
    ],
    [
      'a list of one body',
      {
        body: [
          {
            type: 'TextualBody',
            value: 'A',
            language: 'en',
            creator: { id: 'http://example.org/me', name: 'Me' },
          },
        ],
      },
    ],
    ['a bodyValue', { body: undefined, bodyValue: 'Just words' }],
    ['no body', { body: undefined }],
    [
      'HTML',
      {
        body: {
          type: 'TextualBody',
          value: '<p>A <b>bold</b> &amp; <script>x</script></p>',
          format: 'text/html',
        },
      },
    ],
    [
      'a Choice',
      {
        body: {
          type: 'Choice',
          items: [
            { id: 'http://example.org/fr', language: 'fr' },
            { id: 'http://example.org/en', language: 'en' },
          ],
        },
      },
    ],
    [
      'a suggested edit',
      {
        motivation: 'editing',
        body: { type: 'TextualBody', value: 'sets out early', purpose: 'editing', format: 'text/plain' },
      },
    ],
    ['an external target', { target: 'http://example.org/page#xywh=1,2,3,4' }],
    [
      'a selector that we cannot follow',
      { target: { source: 'urn:document', selector: { type: 'XPathSelector', value: '/p[1]' } } },
    ],
    [
      'several targets',
      {
        target: [
          'http://example.org/other',
          { source: 'urn:document', selector: { type: 'TextQuoteSelector', exact: 'One comes back' } },
        ],
      },
    ],
    ['the whole document', { target: 'urn:document' }],
    ['the document by its API address', { target: 'urn:document:api' }],
    [
      'a refined selector',
      {
        target: {
          source: 'urn:document',
          selector: {
            type: 'TextQuoteSelector',
            exact: 'goes out early',
            refinedBy: { type: 'TextQuoteSelector', exact: 'out' },
          },
          state: { type: 'TimeState', sourceDate: '2026-01-01T00:00:00Z' },
        },
      },
    ],
    [
      'rights, canonical, via, generator, audience, stylesheet',
      {
        rights: 'https://creativecommons.org/licenses/by/4.0/',
        canonical: 'urn:uuid:dbfb1861-0ecf-41ad-be94-a584e5c4f1df',
        via: 'http://example.org/original',
        generator: { id: 'http://example.org/client', type: 'Software' },
        audience: { id: 'http://example.org/class', type: 'schema:EducationalAudience' },
        stylesheet: { id: 'http://example.org/style.css', type: 'CssStylesheet' },
      },
    ],
    ['several motivations', { motivation: ['oa:commenting', 'http://example.org/ns#wondering'] }],
    [
      'more than one context and type',
      {
        '@context': [context, { schema: 'http://schema.org/' }],
        type: ['Annotation', 'schema:Comment'],
        'schema:keywords': 'x',
      },
    ],
    [
      'more tags than fields',
      {
        body: Array.from({ length: 25 }, (_, n) => ({
          type: 'TextualBody',
          purpose: 'tagging',
          value: `tag ${n}`,
        })),
      },
    ],
  ])('[ANNO5] %s come back as they were given', async (_what, more) => {
    const written = JSON.stringify({ ...note(), ...more })
      .replaceAll('urn:document:api', iri.replace('/documents/', '/api/documents/'))
      .replaceAll('urn:document', iri);
    const given = JSON.parse(written) as Record<string, unknown>;
    const made = await post(anna, given);
    expect(made.status).toBe(201);
    const { id: _id, creator: _creator, created: _created, ...back } = made.json;
    expect(back).toEqual(given);
    expect((await anna.ask(path(made.json.id))).json).toEqual(made.json);
  });

  test('[ANNO6] who made it and when is ours to say, and an IRI of its own is remembered as via', async () => {
    const made = await post(
      anna,
      note({
        id: 'http://example.org/anno/1',
        creator: 'http://example.org/eve',
        created: '2001-01-01T00:00:00Z',
      }),
    );
    expect(made.json.id).toContain(container);
    expect(made.json.via).toBe('http://example.org/anno/1');
    expect(made.json.creator.id).toBe(`${server.url}/users/${anna.id}`);
    expect(Date.parse(made.json.created)).toBeGreaterThan(Date.now() - 60_000);
  });

  test('[ANNO7] a Slug names it where it is free, dots included', async () => {
    const made = await post(anna, note(), { slug: 'my.first.note' });
    expect(made.json.id).toBe(`${server.url}${container}my.first.note`);
    expect((await anna.ask(path(made.json.id))).json).toEqual(made.json);
    for (const slug of ['my.first.note', '..', 'a/b', crypto.randomUUID(), '%zz'])
      expect(idOf(await post(anna, note(), { slug }))).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each<[string, unknown]>([
    ['', 'words'],
    ['', []],
    ['@context', note({ '@context': 'http://example.org/' })],
    ['type', note({ type: 'Note' })],
    ['target', note({ target: undefined })],
    ['target', note({ target: 'no iri' })],
    ['target.source', note({ target: { source: 'no iri', selector: {} } })],
    [
      'target.selector.exact',
      note({ target: { source: 'http://x.example/', selector: { type: 'TextQuoteSelector' } } }),
    ],
    [
      'target.selector.0.start',
      note({
        target: {
          source: 'http://x.example/',
          selector: [{ type: 'TextPositionSelector', start: -1, end: 3 }],
        },
      }),
    ],
    [
      'target.selector.end',
      note({
        target: { source: 'http://x.example/', selector: { type: 'TextPositionSelector', start: 4, end: 3 } },
      }),
    ],
    ['target.1.id', note({ target: ['http://x.example/', {}] })],
    ['body.value', note({ body: { type: 'TextualBody' } })],
    ['body.1', note({ body: ['http://x.example/', 7] })],
    ['body.items.0', note({ body: { type: 'Choice', items: ['no iri'] } })],
    ['bodyValue', note({ bodyValue: 'both' })],
    ['motivation', note({ motivation: [7] })],
  ])('[ANNO8] what is no annotation is refused with the path of the fault: %s', async (where, given) => {
    const answer = await post(anna, given);
    expect(answer.status).toBe(400);
    expect(answer.json.errors[0]).toEqual({ path: where, message: someText });
  });

  test('[ANNO9] so is what the room cannot hold, and nothing of it is stored', async () => {
    const count = () => inRoom((doc) => doc.getMap('annotations').size);
    const before = await count();
    const unsafe = `{"@context":"${context}","type":"Annotation","target":"http://x.example/","x":{"__proto__":{"y":1}}}`;
    const dangerous = await anna.ask(container, {
      method: 'POST',
      body: unsafe,
      headers: { 'content-type': profile },
    });
    expect(dangerous.json.errors[0].path).toBe('x.__proto__');
    const long = await post(anna, note({ body: { type: 'TextualBody', value: 'x'.repeat(10_001) } }));
    const large = await post(anna, note({ 'x:y': 'x'.repeat(33 * 1024) }));
    const quote = { type: 'TextQuoteSelector', exact: 'x'.repeat(10_001) };
    const wide = await post(anna, note({ target: { source: iri, selector: quote } }));
    const past = { type: 'TextPositionSelector', start: 5_000, end: 5_010 };
    const outside = await post(anna, note({ target: { source: iri, selector: past } }));
    const replied = await post(anna, note({ target: `${server.url}${container}${crypto.randomUUID()}` }));
    for (const { status } of [long, large, wide, outside, replied]) expect(status).toBe(400);
    expect(await count()).toBe(before);
  });

  test('[ANNO10] a viewer reads and does not write; a stranger sees nothing', async () => {
    const vera = await Asker.join(server, 'Vera');
    await server.access.groups.changeRole(owner.group, vera.id, 'viewer');
    expect((await vera.ask(container)).status).toBe(200);
    expect((await post(vera, note())).status).toBe(403);
    expect((await new Asker(server).ask(container)).status).toBe(401);
    expect((await post(new Asker(server), note())).status).toBe(401);
    await server.access.groups.remove(owner.group, vera.id);
    expect((await vera.ask(container)).status).toBe(404);
  });
});

describe('replies', () => {
  test('[ANNO11] an answer to an annotation, or to an answer, is a comment in its thread', async () => {
    const made = await post(anna, note());
    const reply = (to: string, value: string) =>
      post(ben, {
        '@context': context,
        type: 'Annotation',
        motivation: 'replying',
        body: { type: 'TextualBody', value, language: 'en' },
        target: to,
      });
    const first = await reply(made.json.id, 'Is it?');
    expect(first.status).toBe(201);
    expect(first.json).toMatchObject({
      motivation: 'replying',
      target: made.json.id,
      body: { type: 'TextualBody', value: 'Is it?', language: 'en' },
    });
    const second = await reply(first.json.id, 'And if not?');
    expect(second.json.target).toBe(first.json.id);
    expect(await entry('comments', idOf(first))).toMatchObject({
      annotation: idOf(made),
      author: ben.id,
      body: 'Is it?',
    });
    expect(await entry('comments', idOf(second))).toMatchObject({
      annotation: idOf(made),
      parent: idOf(first),
    });
    const removed = await anna.ask(path(made.json.id), { method: 'DELETE' });
    expect(removed.status).toBe(204);
    expect((await anna.ask(path(first.json.id))).json.target).toBe(made.json.id);
    expect((await reply(made.json.id, 'Too late')).json.errors[0].path).toBe('target');
  });

  test('[ANNO12] an answer without words is refused, and what else points at a thread is an annotation', async () => {
    const made = await post(anna, note());
    const empty = await post(ben, {
      '@context': context,
      type: 'Annotation',
      motivation: 'replying',
      target: made.json.id,
    });
    expect(empty.json.errors[0].path).toBe('body');
    const mark = await post(ben, {
      '@context': context,
      type: 'Annotation',
      motivation: 'bookmarking',
      target: made.json.id,
    });
    expect(mark.json).toMatchObject({ motivation: 'bookmarking', target: made.json.id });
    expect(await entry('annotations', idOf(mark))).toMatchObject({ target: null });
  });
});

describe('replacing', () => {
  test('[ANNO13] the author changes body, tags and motivation; the page shows it as his edit', async () => {
    const made = await post(anna, note());
    const next = {
      ...made.json,
      motivation: 'describing',
      body: [
        { type: 'TextualBody', value: 'Better' },
        { type: 'TextualBody', purpose: 'tagging', value: 'dawn' },
      ],
      'x:y': 1,
    };
    const changed = await put(anna, made.json.id, next);
    expect(changed.status).toBe(200);
    expect(changed.json).toEqual({ ...next, modified: someText });
    expect(changed.headers.get('etag')).not.toBe(made.headers.get('etag'));
    expect(await entry('annotations', idOf(made))).toMatchObject({
      motivation: 'describing',
      tags: ['dawn'],
      edited: someNumber,
    });
    const comments = await inRoom((doc) =>
      [...doc.getMap<Comment>('comments').values()].filter(({ annotation }) => annotation === idOf(made)),
    );
    expect(comments).toMatchObject([{ body: 'Better', author: anna.id }]);
    expect(await entry('moved', idOf(made))).toBeUndefined();
  });

  test('[ANNO14] a body that is taken away is removed, and one that is added is the first comment', async () => {
    const made = await post(anna, note());
    const bare = await put(anna, made.json.id, { ...made.json, body: undefined });
    expect(bare.json).not.toHaveProperty('body');
    const added = await put(anna, made.json.id, {
      ...made.json,
      body: { type: 'TextualBody', value: 'Again' },
    });
    expect(added.json.body).toEqual({ type: 'TextualBody', value: 'Again' });
    const blanked = await inRoom((doc) =>
      [...doc.getMap<Comment>('comments').values()].filter(({ annotation }) => annotation === idOf(made)),
    );
    expect(blanked.map(({ body }) => body).sort()).toEqual(['', 'Again']);
  });

  test('[ANNO15, S16] a changed target is written as moved, the first one stays', async () => {
    const made = await post(anna, note());
    const target = { source: iri, selector: { type: 'TextQuoteSelector', exact: 'One comes back' } };
    const moved = await put(anna, made.json.id, { ...made.json, target });
    expect(moved.status).toBe(200);
    expect(moved.json.target.source).toBe(iri);
    expect(JSON.stringify(moved.json.target)).toContain('One comes back');
    expect(JSON.stringify(moved.json.target)).not.toContain('goes out');
    expect((await entry('annotations', idOf(made)))?.target?.exact).toBe('goes out early');
    expect((await entry('moved', idOf(made)))?.target.exact).toBe('One comes back');
    expect((await put(anna, made.json.id, moved.json)).json.target).toEqual(moved.json.target);
    expect((await put(anna, made.json.id, { ...moved.json, target: iri })).status).toBe(409);
  });

  test('[ANNO16, S16] another creator, time or IRI is a conflict; the same or none is not', async () => {
    const made = await post(anna, note());
    for (const [key, value] of [
      ['creator', 'http://example.org/eve'],
      ['created', '2001-01-01T00:00:00Z'],
      ['id', 'http://example.org/1'],
    ] as const)
      expect((await put(anna, made.json.id, { ...made.json, [key]: value })).json).toMatchObject({
        status: 409,
        errors: [{ path: key }],
      });
    const { creator: _creator, created: _created, id: _id, ...rest } = made.json;
    expect((await put(anna, made.json.id, rest)).status).toBe(200);
    expect((await put(anna, made.json.id, { ...rest, creator: made.json.creator.id })).status).toBe(200);
  });

  test('[ANNO17, S16] others may not, owners included; a stale If-Match gets 412, also of two at once', async () => {
    const made = await post(anna, note());
    expect((await put(ben, made.json.id, made.json)).status).toBe(403);
    expect((await put(owner, made.json.id, made.json)).status).toBe(403);
    const tag = made.headers.get('etag') ?? '';
    const next = (value: string) => ({ ...made.json, body: { type: 'TextualBody', value } });
    const both = await Promise.all(
      ['one', 'two'].map((value) => put(anna, made.json.id, next(value), { 'if-match': tag })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await put(anna, made.json.id, next('three'), { 'if-match': '*' })).status).toBe(200);
    expect((await put(anna, `${server.url}${container}${crypto.randomUUID()}`, note())).status).toBe(404);
    expect((await put(anna, made.json.id, { ...note(), type: 'Note' })).json.errors[0].path).toBe('type');
  });

  test('[ANNO18] a reply is replaced in place', async () => {
    const made = await post(anna, note());
    const reply = await post(ben, {
      '@context': context,
      type: 'Annotation',
      motivation: 'replying',
      bodyValue: 'Hm',
      target: made.json.id,
    });
    const changed = await put(ben, reply.json.id, {
      ...reply.json,
      bodyValue: 'Hm!',
      rights: 'http://example.org/r',
    });
    expect(changed.json).toEqual({
      ...reply.json,
      bodyValue: 'Hm!',
      rights: 'http://example.org/r',
      modified: someText,
    });
    expect((await put(ben, reply.json.id, { ...reply.json, target: iri })).status).toBe(409);
    expect((await put(ben, reply.json.id, { ...reply.json, bodyValue: undefined })).json.errors[0].path).toBe(
      'body',
    );
    expect((await put(anna, reply.json.id, reply.json)).status).toBe(403);
  });
});

describe('removing', () => {
  test('[ANNO19] its author or a moderator removes it with its words; then it is 410 and in no list', async () => {
    const made = await post(
      anna,
      note({ body: { type: 'TextualBody', value: 'Secret words', format: 'text/html' } }),
      { slug: 'to.remove' },
    );
    expect((await ben.ask(path(made.json.id), { method: 'DELETE' })).status).toBe(403);
    expect(
      (await anna.ask(path(made.json.id), { method: 'DELETE', headers: { 'if-match': '"stale"' } })).status,
    ).toBe(412);
    expect((await owner.ask(path(made.json.id), { method: 'DELETE' })).status).toBe(204);
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect(
        (await anna.ask(path(made.json.id), method === 'PUT' ? { method, json: note() } : { method })).status,
      ).toBe(410);
    expect(
      await inRoom((doc) =>
        JSON.stringify([doc.getMap('annotations').toJSON(), doc.getMap('comments').toJSON()]),
      ),
    ).not.toContain('Secret words');
    expect((await anna.ask(`${container}?iris=1&page=0`)).text).not.toContain('to.remove');
    expect((await anna.ask(container + crypto.randomUUID())).status).toBe(404);
    expect((await anna.ask(`${container}no.such`)).status).toBe(404);
  });
});

describe('the container', () => {
  test('[ANNO20] a plain GET gives first and last as IRIs, and says what it is', async () => {
    const got = await anna.ask(container);
    expect(got.json).toEqual({
      '@context': [context, 'http://www.w3.org/ns/ldp.jsonld'],
      id: `${server.url}${container}`,
      type: ['BasicContainer', 'AnnotationCollection'],
      label: 'Annotations',
      total: someNumber,
      modified: someText,
      first: `${server.url}${container}?iris=0&page=0`,
      last: textLike('page='),
    });
    expect(got.headers.get('content-location')).toBe(got.json.id);
    expect(got.headers.get('content-type')).toBe(profile);
    expect(got.headers.get('link')).toContain('<http://www.w3.org/ns/ldp#BasicContainer>; rel="type"');
    expect(got.headers.get('link')).toContain('rel="http://www.w3.org/ns/ldp#constrainedBy"');
    expect(got.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
    expect(got.headers.get('accept-post')).toBe(profile);
    expect(got.headers.get('vary')).toMatch(/Accept.*Prefer/);
    const same = await anna.ask(container, { headers: { 'if-none-match': got.headers.get('etag') ?? '' } });
    expect(same.status).toBe(304);
  });

  test('[ANNO21] Prefer embeds the first page, as IRIs or in full, with a tag of its own', async () => {
    const oa = 'http://www.w3.org/ns/oa#Prefer';
    const prefer = (include: string) =>
      anna.ask(container, { headers: { prefer: `return=representation; include="${include}"` } });
    const iris = await prefer(`${oa}ContainedIRIs`);
    expect(iris.headers.get('preference-applied')).toBe('return=representation');
    expect(iris.json.id).toBe(`${server.url}${container}?iris=1`);
    expect(iris.headers.get('content-location')).toBe(iris.json.id);
    expect(iris.json.first.items.every((item: unknown) => typeof item === 'string')).toBe(true);
    const full = await prefer(`${oa}ContainedDescriptions`);
    expect(full.json.first.items.map(({ id }: { id: string }) => id)).toEqual(iris.json.first.items);
    const minimal = await prefer('http://www.w3.org/ns/ldp#PreferMinimalContainer');
    expect(minimal.json.first).toEqual(someText);
    const both = await prefer(`${oa}ContainedIRIs ${oa}ContainedDescriptions`);
    expect(both.json.first).toEqual(someText);
    expect(new Set([iris, full, minimal].map(({ headers }) => headers.get('etag'))).size).toBe(3);
  });

  test('[ANNO22] pages hold a hundred, name their neighbours, and together hold everything once', async () => {
    const room = layerRoom(await ben.layer('private'));
    const entries = Array.from({ length: 250 }, (_, n) => ({
      map: 'annotations' as const,
      key: crypto.randomUUID(),
      value: {
        author: ben.id,
        created: 1000 + n,
        motivation: 'highlighting',
        target: null,
        color: 'amber',
        tags: [],
      },
    }));
    expect((await server.door.write({ id: ben.id, name: 'Ben' }, room, entries)).ok).toBe(true);
    const own = `/api/layers/${room.slice(6)}/annotations/`;
    const { json } = await ben.ask(own);
    expect(json.total).toBe(250);
    const seen: string[] = [];
    let next: string | null | undefined = json.first;
    let last = '';
    for (let index = 0; typeof next === 'string'; index++) {
      const { json: page }: Answer = await ben.ask(next);
      expect(page).toMatchObject({
        id: next,
        type: 'AnnotationPage',
        startIndex: index * 100,
        partOf: { total: 250 },
      });
      expect(page.prev).toBe(index === 0 ? undefined : last);
      seen.push(...page.items.map(({ id }) => id));
      last = page.id;
      next = page.next;
    }
    expect(last).toBe(json.last);
    expect(seen).toEqual(entries.map(({ key }) => `${server.url}${own}${key}`));
    expect((await ben.ask(`${own}?page=3`)).status).toBe(404);
    expect((await ben.ask(`${own}?page=x`)).status).toBe(404);
  });

  test('[ANNO23] an empty container has a first page with nothing in it', async () => {
    const own = `/api/layers/${await owner.layer('private')}/annotations/`;
    const { json } = await owner.ask(own);
    expect(json).toMatchObject({ total: 0, label: 'Private annotations' });
    expect((await owner.ask(json.first)).json.items).toEqual([]);
  });

  test('[ANNO24] OPTIONS answers 200 with what one can do, HEAD with no body, another method 405', async () => {
    const member = path((await post(anna, note())).json.id);
    for (const [at, allow] of [
      [container, 'GET, HEAD, OPTIONS, POST'],
      [member, 'DELETE, GET, HEAD, OPTIONS, PUT'],
    ] as const) {
      const options = await anna.ask(at, { method: 'OPTIONS' });
      expect(options.status).toBe(200);
      expect(options.headers.get('allow')).toBe(allow);
      expect((await anna.ask(at, { method: 'HEAD' })).text).toBe('');
      const patch = await anna.ask(at, { method: 'PATCH', json: {} });
      expect(patch.status).toBe(405);
      expect(patch.headers.get('allow')).toBe(allow);
    }
    expect((await anna.ask(container, { headers: { accept: 'text/turtle' } })).status).toBe(406);
  });

  test('[ANNO25] what a reader writes in the page shows at once, with the author as the server knows him', async () => {
    const id = crypto.randomUUID();
    const comment = crypto.randomUUID();
    const created = Date.now();
    await server.door.write({ id: ben.id, name: 'Ben' }, layerRoom(layer), [
      {
        map: 'annotations',
        key: id,
        value: { author: ben.id, created, motivation: 'commenting', target: null, color: 'rose', tags: [] },
      },
      {
        map: 'comments',
        key: comment,
        value: { annotation: id, author: ben.id, created, body: 'From the **page**' },
      },
    ]);
    const { json } = await anna.ask(container + id);
    expect(json).toEqual({
      '@context': context,
      id: `${server.url}${container}${id}`,
      type: 'Annotation',
      motivation: 'commenting',
      creator: { id: `${server.url}/users/${ben.id}`, type: 'Person', name: 'Ben' },
      created: new Date(created).toISOString(),
      body: { type: 'TextualBody', value: 'From the **page**', format: 'text/markdown' },
      target: iri,
    });
    expect((await anna.ask(container + comment)).status).toBe(404);
  });

  test('[ANNO27] an answer that its author gives to another is a reply, and no body', async () => {
    const [id, question, reply] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()];
    const created = Date.now();
    const value = {
      author: anna.id,
      created,
      motivation: 'highlighting',
      target: null,
      color: 'rose',
      tags: [],
    };
    const write = (asker: Asker, map: LayerMap, key: string, entry: unknown) =>
      server.door.write({ id: asker.id, name: '' }, layerRoom(layer), [{ map, key, value: entry }]);
    await write(anna, 'annotations', id, value);
    await write(ben, 'comments', question, { annotation: id, author: ben.id, created, body: 'Why?' });
    await write(anna, 'comments', reply, {
      annotation: id,
      author: anna.id,
      created,
      body: 'Because.',
      parent: question,
    });
    expect((await anna.ask(container + id)).json).not.toHaveProperty('body');
    expect((await anna.ask(container + question)).json).toMatchObject({
      motivation: 'replying',
      target: `${server.url}${container}${id}`,
    });
    expect((await anna.ask(container + reply)).json).toMatchObject({
      body: { value: 'Because.' },
      target: `${server.url}${container}${question}`,
    });
  });

  test('[ANNO26] positions follow the text, the quote stays as it was seen', async () => {
    const quote = { type: 'TextQuoteSelector', exact: 'One comes back' };
    const made = await post(anna, note({ target: { source: iri, selector: quote } }));
    const start = [...essay.replace('\n\n', '\n')].join('').indexOf('One comes back') - 2;
    const both = { source: iri, selector: [quote, { type: 'TextPositionSelector', start, end: start + 14 }] };
    const given = await post(anna, note({ target: both }));
    expect(given.json.target).toEqual(both);
    await server.door.edit(`content:${iri.split('/').at(-1)}`, (doc) =>
      doc.getText('content').insert(0, '🚶 On '),
    );
    const moved = { type: 'TextPositionSelector', start: start + 5, end: start + 19 };
    expect((await anna.ask(path(given.json.id))).json.target.selector).toEqual([quote, moved]);
    expect((await anna.ask(path(made.json.id))).json.target).toEqual(made.json.target);
  });
});
