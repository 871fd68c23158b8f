/** `/api/documents`: what I may read, as JSON or as plain text; `/documents/:id` is the IRI of the same. */

import type { Request, Response, Router } from 'express';
import * as z from 'zod';
import { plainText, type Op } from '#core/delta.js';
import { noRights } from '#core/roles.js';
import { roomName } from '#core/rooms.js';
import type { Identity } from '../access/access.js';
import type { DocumentView } from '../documents/library.js';
import { notModified } from './conditions.js';
import { signedIn } from './identity.js';
import { idParam, line, pageOf, readBody, readPage } from './input.js';
import { empty, forbidden, json, notFound, problem, resource, type Reply } from './reply.js';
import type { HttpServices } from './services.js';

const changeBody = z.object({
  title: line(200).optional(),
  author: line(200).nullable().optional(),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i, { message: 'must be a language tag such as en' })
    .optional(),
});

interface DocumentJson extends Omit<DocumentView, 'created'> {
  readonly iri: string;
  readonly groupId: string;
  readonly created: Date;
}

const documentJson = (document: DocumentView, base: string): DocumentJson => ({
  ...document,
  iri: `${base}/documents/${document.id}`,
  groupId: document.group.id,
});

export function documents(router: Router, services: HttpServices): void {
  const { library, access, origins } = services;
  const view = (document: DocumentView): DocumentJson => documentJson(document, origins.base);

  resource(router, '/documents', {
    get: signedIn(async (request, { person }) => {
      const page = readPage(request);
      if (!page.ok) return page.error;
      const found = await library.list(person.id, page.value.after, page.value.limit + 1);
      return json(200, pageOf(found, page.value, view));
    }),
  });

  resource(router, '/documents/:id', {
    get: signedIn((request, identity, response) => getDocument(request, identity, response, services)),
    patch: signedIn(async (request, { person }) => {
      const id = idParam(request, 'id');
      const may = id ? await access.rights.rights(person.id, roomName('content', id)) : noRights;
      if (!id || !may.read) return notFound();
      if (!may.edit) return forbidden('Editors and owners change a document.');
      const body = readBody(request, changeBody);
      if (!body.ok) return body.error;
      await library.change(id, body.value);
      const changed = await library.open(person.id, id);
      return changed ? json(200, view(changed)) : notFound();
    }),
    delete: signedIn(async (request, { person }) => {
      const id = idParam(request, 'id');
      const document = id && (await library.find(person.id, id));
      if (!id || !document) return notFound();
      if ((await access.rights.role(person.id, document.group.id)) !== 'owner')
        return forbidden('Owners remove a document.');
      await library.remove(id);
      return empty(204);
    }),
  });
}

/** JSON or plain text, by `Accept`. The reader's private layer is made by this. */
export async function getDocument(
  request: Request,
  { person }: Identity,
  response: Response,
  { library, door, origins }: HttpServices,
): Promise<Reply> {
  response.vary('Accept');
  const id = idParam(request, 'id');
  const document = id && (await library.open(person.id, id));
  if (!document) return notFound();
  const type = request.accepts(['application/json', 'text/plain']);
  if (type === 'application/json') return json(200, documentJson(document, origins.base));
  if (type !== 'text/plain')
    return problem(406, 'not-acceptable', 'A document comes as application/json or text/plain.');

  const { text, epoch, seq } = await door.read(roomName('content', document.id), (doc, at) => ({
    text: plainText(doc.getText('content').toDelta() as Op[]),
    ...at,
  }));
  const headers = { ETag: `"${epoch}.${seq}.txt"`, 'Cache-Control': 'private, no-cache' };
  if (notModified(request, headers.ETag)) return empty(304, headers);
  response.setHeader('Content-Language', document.language);
  return { status: 200, headers: { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }, body: text };
}
