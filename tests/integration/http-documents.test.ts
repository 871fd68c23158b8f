import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import * as decoding from 'lib0/decoding';
import { beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { Asker, layerRoom, startHttp, type HttpServer, someText } from '../support/http.js';

const essay =
  'A walk 🚶\r\nBy Anna Writer\r\n\r\nOne goes out early, when nobody else is about, and does not know yet how far it will be.\r\n';
const content =
  'A walk 🚶\nBy Anna Writer\nOne goes out early, when nobody else is about, and does not know yet how far it will be.\n';

let server: HttpServer;
let owner: Asker;
let anna: Asker;
beforeAll(async () => {
  server = await startHttp({ essay });
  owner = await Asker.join(server, 'Olga');
  anna = await Asker.join(server, 'Anna');
});

describe('documents', () => {
  test('[HTTP20] the first document is the essay, with what is known of it', async () => {
    const { json } = await owner.ask('/api/documents');
    expect(json.next).toBeNull();
    const [document] = json.items;
    expect(json.items).toEqual([
      {
        id: document.id,
        iri: `${server.url}/documents/${document.id}`,
        title: 'A walk 🚶',
        author: 'Anna Writer',
        language: 'en',
        length: content.length,
        groupId: owner.group,
        group: { id: owner.group, name: 'Reading group' },
        layers: [{ id: someText, kind: 'shared', name: 'Shared' }],
        created: someText,
      },
    ]);
  });

  test("[HTTP21] the first GET of a document makes the reader's private layer, once", async () => {
    const { id } = (await anna.ask('/api/documents')).json.items[0];
    const both = await Promise.all([anna.ask(`/api/documents/${id}`), anna.ask(`/api/documents/${id}`)]);
    const [first, second] = both.map(({ json }) =>
      json.layers.map(({ kind }: { kind: string }) => kind).sort(),
    );
    expect(first).toEqual(['private', 'shared']);
    expect(second).toEqual(first);
    expect(both[0]?.json.layers).toEqual(both[1]?.json.layers);
    expect(await server.prisma.layer.count({ where: { ownerId: anna.id } })).toBe(1);
  });

  test.each(['/api/documents/', '/documents/'])(
    '[HTTP22] %s gives JSON or the text by Accept',
    async (path) => {
      const { id } = (await anna.ask('/api/documents')).json.items[0];
      const json = await anna.ask(path + id, { headers: { accept: 'application/json' } });
      expect(json.json).toMatchObject({ id, iri: `${server.url}/documents/${id}` });
      const text = await anna.ask(path + id, { headers: { accept: 'text/plain' } });
      expect(text.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(text.headers.get('content-language')).toBe('en');
      expect(text.headers.get('vary')).toContain('Accept');
      expect(text.text).toBe(content);
      const tag = text.headers.get('etag') ?? '';
      const again = await anna.ask(path + id, { headers: { accept: 'text/plain', 'if-none-match': tag } });
      expect(again.status).toBe(304);
      expect(again.text).toBe('');
      const stranger = await new Asker(server).ask(path + id, { headers: { accept: 'text/plain' } });
      expect(stranger.status).toBe(401);
    },
  );

  test('[HTTP23] the IRI of a document is the reading page for a browser', async () => {
    const { id } = (await anna.ask('/api/documents')).json.items[0];
    const page = await anna.ask(`/documents/${id}`, {
      headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    });
    expect(page.text).toContain('<title>');
    expect(page.headers.get('vary')).toContain('Accept');
    const picture = await anna.ask(`/api/documents/${id}`, { headers: { accept: 'image/png' } });
    expect(picture.json).toMatchObject({ status: 406 });
  });

  test('[HTTP24] editors rename, owners remove, and then it is gone at once for everybody', async () => {
    const own = await startHttp();
    const boss = await Asker.join(own, 'Boss');
    const reader = await Asker.join(own, 'Reader');
    const { items } = (await boss.ask('/api/documents?limit=1')).json;
    const { id } = items[0];
    const rename = (asker: Asker, json: unknown) =>
      asker.ask(`/api/documents/${id}`, { method: 'PATCH', json });
    expect((await rename(reader, { title: 'Mine' })).status).toBe(403);
    expect((await rename(boss, { title: ' ' })).json.errors[0].path).toBe('title');
    expect((await rename(boss, { language: '???' })).json.errors[0].path).toBe('language');
    expect((await rename(boss, { title: 'Ours', author: null })).json).toMatchObject({
      title: 'Ours',
      author: null,
    });
    expect((await reader.ask(`/api/documents/${id}`, { method: 'DELETE' })).status).toBe(403);
    const layer = (await reader.ask(`/api/documents/${id}`)).json.layers[0].id;
    const told: string[] = [];
    own.access.rights.onChange((person) => told.push(person));
    expect((await boss.ask(`/api/documents/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(told.sort()).toEqual([boss.id, reader.id].sort());
    expect(await own.access.rights.rights(reader.id, layerRoom(layer))).toMatchObject({ read: false });
    for (const path of [
      `/api/documents/${id}`,
      `/api/layers/${layer}/annotations/`,
      `/api/rooms/layer:${layer}/state`,
    ])
      expect((await reader.ask(path)).status).toBe(404);
    expect((await reader.ask('/api/documents')).json.items).toHaveLength(1);
  });

  test('[HTTP25] without an essay there are two samples, in English and in Chinese, a page apart', async () => {
    const own = await startHttp();
    const reader = await Asker.join(own, 'Reader');
    const first = await reader.ask('/api/documents?limit=1');
    const second = await reader.ask(`/api/documents?limit=1&cursor=${first.json.next}`);
    expect(second.json.next).toBeNull();
    const both = [...first.json.items, ...second.json.items];
    expect(both.map(({ language }) => language)).toEqual(['en', 'zh']);
    expect(both.map(({ author }) => author)).toEqual(['Marginalia', 'Marginalia']);
    for (const { id, length } of both) {
      const { text } = await reader.ask(`/api/documents/${id}`, { headers: { accept: 'text/plain' } });
      expect(text.length).toBe(length);
      expect(text.endsWith('\n')).toBe(true);
    }
  });

  test("[HTTP26] another group's document is as good as none", async () => {
    const { id } = (await anna.ask('/api/documents')).json.items[0];
    const group = await server.prisma.group.create({ data: { id: crypto.randomUUID(), name: 'Others' } });
    const { code } = await server.access.invitations.create(group.id, null, {});
    const other = await Asker.join(server, 'Someone', code);
    expect((await other.ask('/api/documents')).json.items).toEqual([]);
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect(
        (await other.ask(`/api/documents/${id}`, method === 'PATCH' ? { method, json: {} } : { method }))
          .status,
      ).toBe(404);
    expect((await other.ask(`/api/rooms/content:${id}/state`)).status).toBe(404);
    expect((await other.ask(`/api/documents/not-an-id`)).status).toBe(404);
  });
});

/** The bytes as they came over the wire. */
const raw = (asker: Asker, path: string, headers: Record<string, string>) =>
  new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; bytes: Buffer }>(
    (resolve, reject) => {
      const url = new URL(path, asker.url);
      const asked = request(
        {
          host: '127.0.0.1',
          port: url.port,
          path,
          headers: { host: url.host, cookie: asker.cookie, ...headers },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              bytes: Buffer.concat(chunks),
            }),
          );
        },
      );
      asked.on('error', reject);
      asked.end();
    },
  );

describe("a room's state", () => {
  const path = async () => `/api/rooms/content:${(await anna.document()).id}/state`;
  const textOf = (update: Uint8Array) => {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, update);
    return doc.getText('content').toJSON();
  };

  test('[HTTP27, S14] is one Yjs update, compressed as the asker can read it, with a tag an encoding', async () => {
    const plain = await raw(anna, await path(), {});
    expect(plain.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'cache-control': 'private, no-cache',
      vary: 'Cookie, Authorization, Accept-Encoding',
    });
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(textOf(plain.bytes)).toBe(content);
    const gzip = await raw(anna, await path(), { 'accept-encoding': 'gzip' });
    expect(gzip.headers['content-encoding']).toBe('gzip');
    expect(textOf(gunzipSync(gzip.bytes))).toBe(content);
    const brotli = await raw(anna, await path(), { 'accept-encoding': 'gzip, deflate, br' });
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(textOf(brotliDecompressSync(brotli.bytes))).toBe(content);
    const tags = [plain, gzip, brotli].map(({ headers }) => headers['etag'] as string);
    expect(new Set(tags).size).toBe(3);
    for (const tag of tags) expect(tag).toMatch(/^"[\w-]+\.1(-gzip|-br)?"$/);
  });

  test('[HTTP28, S14] is not sent again while nothing changed', async () => {
    const layer = layerRoom(await anna.layer());
    const ask = (headers = {}) => raw(anna, `/api/rooms/${layer}/state`, headers);
    const first = await ask();
    const tag = first.headers['etag'] as string;
    const same = await ask({ 'if-none-match': `"other", ${tag}` });
    expect(same.status).toBe(304);
    expect(same.bytes).toHaveLength(0);
    expect(same.headers['etag']).toBe(tag);
    const id = crypto.randomUUID();
    const value = {
      author: anna.id,
      created: Date.now(),
      motivation: 'highlighting',
      target: null,
      color: 'amber',
      tags: [],
    };
    const written = await server.door.write({ id: anna.id, name: 'Anna' }, layer, [
      { map: 'annotations', key: id, value },
    ]);
    expect(written.ok).toBe(true);
    const next = await ask({ 'if-none-match': tag });
    expect(next.status).toBe(200);
    const doc = new Y.Doc();
    Y.applyUpdate(doc, next.bytes);
    expect(doc.getMap('annotations').has(id)).toBe(true);
  });

  test('[HTTP29] comes in pieces behind their lengths when asked so', async () => {
    const { bytes } = await raw(anna, `${await path()}?pieces`, {});
    const decoder = decoding.createDecoder(bytes);
    const doc = new Y.Doc();
    while (decoding.hasContent(decoder)) Y.applyUpdate(doc, decoding.readVarUint8Array(decoder));
    expect(doc.getText('content').toJSON()).toBe(content);
  });

  test('[HTTP30] HEAD tells the same without the bytes', async () => {
    const head = await anna.ask(await path(), { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('etag')).toMatch(/\.1/);
    expect(head.text).toBe('');
  });
});
