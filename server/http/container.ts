/**
 * `/api/layers/:id/annotations/`: a layer as a container of the W3C Web Annotation Protocol. What is written here
 * takes the way of a reader's own work: the same rules, the same log, live in every open page.
 */

import type { Request, Response, Router } from 'express';
import type { JsonObject } from '#core/entries.js';
import { ok, type Result } from '#core/result.js';
import { findFaults } from '#core/web-annotation-faults.js';
import type { UpdateAnswer } from '#core/wire.js';
import type { Identity } from '../access/access.js';
import { AnnotationNames } from '../documents/annotation-names.js';
import type { Person } from '../rooms/ports.js';
import { ifMatch, notModified, tagOf } from './conditions.js';
import { containerJson, hasPage, itemsAPage, pageJson, readPreference } from './container-pages.js';
import { changedAt, Container, findItem, listItems, type Item } from './container-view.js';
import { draftNew, draftRemoval, draftReplacement } from './container-write.js';
import { signedIn } from './identity.js';
import { idParam, param } from './input.js';
import { badInput, empty, forbidden, notFound, problem, resource, type Reply } from './reply.js';
import type { HttpServices } from './services.js';
import { Turns } from './turns.js';

const profile = 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"';
const containerHeaders = {
  Link:
    '<http://www.w3.org/ns/ldp#BasicContainer>; rel="type", ' +
    '<http://www.w3.org/TR/annotation-protocol/>; rel="http://www.w3.org/ns/ldp#constrainedBy"',
  Allow: 'GET, HEAD, OPTIONS, POST',
  'Accept-Post': profile,
};
const annotationHeaders = {
  Link: '<http://www.w3.org/ns/ldp#Resource>; rel="type"',
  Allow: 'DELETE, GET, HEAD, OPTIONS, PUT',
};

type Lookup<T> = Result<T, Reply>;
const no = (error: Reply): Lookup<never> => ({ ok: false, error });
const gone = (): Reply => problem(410, 'removed', 'This annotation was removed.');

export function container(router: Router, services: HttpServices): void {
  const { access, door, names, clock } = services;
  const turns = new Turns();

  const find = async (request: Request, person: Person): Promise<Lookup<Container>> => {
    const id = idParam(request, 'id');
    const layer = id && (await access.rights.layer(person.id, id));
    return layer ? ok(new Container(layer, services)) : no(notFound());
  };

  /** Looked at before anything is read: who may not comment here learns no more than that. */
  const mayWrite = async (found: Container, person: Person): Promise<Reply | null> => {
    const { comment } = await access.rights.rights(person.id, found.room);
    return comment ? null : forbidden('Your role only reads.');
  };

  const findMember = async (request: Request, found: Container): Promise<Lookup<Item>> => {
    const id = await names.idOf(found.layer.id, param(request, 'name'));
    const item = id === null ? null : await door.read(found.room, (doc) => findItem(doc, id));
    if (!item) return no(notFound());
    return item.kind === 'removed' ? no(gone()) : ok(item);
  };

  const asJson = async (found: Container, item: Item): Promise<JsonObject> =>
    (await found.write([item]))[0] ?? {};

  /** The member as it is now, for the answer to a write. */
  const replyWith = async (found: Container, id: string, status: number): Promise<Reply> => {
    const item = await door.read(found.room, (doc) => findItem(doc, id));
    if (!item || item.kind === 'removed') return gone();
    const written = await asJson(found, item);
    const location = iriOf(written);
    const body = JSON.stringify(written);
    const headers = {
      ...annotationHeaders,
      'Content-Type': profile,
      ETag: tagOf(body),
      'Content-Location': location,
    };
    return { status, headers: { ...headers, ...(status === 201 && { Location: location }) }, body };
  };

  resource(router, '/layers/:id/annotations', {
    options: () => empty(200, containerHeaders),
    get: signedIn(async (request, { person }, response) => {
      const found = await find(request, person);
      if (!found.ok) return found.error;
      response.vary('Accept, Prefer');
      return getContainer(request, response, found.value, services);
    }),
    post: signedIn(async (request, { person }, response) => {
      const found = await find(request, person);
      if (!found.ok) return found.error;
      response.vary('Accept, Prefer');
      const refused = await mayWrite(found.value, person);
      if (refused) return refused;
      const given = readAnnotation(request);
      if (!given.ok) return given.error;
      const draft = await draftNew(given.value, person, found.value, services);
      if (!draft.ok) return draft.error;
      const { id, entries } = draft.value;

      const { layer } = found.value;
      const slug = slugOf(request);
      const named = slug !== null && (await names.take(layer.id, slug, id));
      const written = await door.write(person, found.value.room, entries);
      if (!written.ok) {
        if (named) await names.giveBack(layer.id, slug, id);
        return refusal(written);
      }
      return replyWith(found.value, id, 201);
    }),
  });

  /** Writers of one annotation take turns, so that `If-Match` speaks of what is then replaced. */
  const inTurn =
    (
      write: (
        request: Request,
        person: Person,
        found: Container,
        item: Item,
        now: JsonObject,
      ) => Promise<Reply>,
    ) =>
    async (request: Request, { person }: Identity, response: Response): Promise<Reply> => {
      response.vary('Accept');
      const found = await find(request, person);
      if (!found.ok) return found.error;
      return turns.take(`${found.value.layer.id} ${param(request, 'name')}`, async () => {
        const item = await findMember(request, found.value);
        if (!item.ok) return item.error;
        const refused = await mayWrite(found.value, person);
        if (refused) return refused;
        const now = await asJson(found.value, item.value);
        if (!ifMatch(request, tagOf(JSON.stringify(now))))
          return problem(412, 'changed', 'The annotation was changed meanwhile: read it again.');
        return write(request, person, found.value, item.value, now);
      });
    };

  resource(router, '/layers/:id/annotations/:name', {
    options: () => empty(200, annotationHeaders),
    get: signedIn(async (request, { person }, response) => {
      response.vary('Accept');
      const found = await find(request, person);
      if (!found.ok) return found.error;
      const item = await findMember(request, found.value);
      if (!item.ok) return item.error;
      return representation(request, await asJson(found.value, item.value), annotationHeaders);
    }),
    put: signedIn(
      inTurn(async (request, person, found, item, now) => {
        if (item.entry.author !== person.id) return forbidden('These are the words of another.');
        const given = readAnnotation(request);
        if (!given.ok) return given.error;
        const draft = await draftReplacement(given.value, now, item, person, found, services);
        if (!draft.ok) return draft.error;
        const written = await door.write(person, found.room, draft.value);
        return written.ok ? replyWith(found, item.id, 200) : refusal(written);
      }),
    ),
    delete: signedIn(
      inTurn(async (_request, person, found, item) => {
        const written = await door.write(person, found.room, draftRemoval(item, person, clock.now()));
        return written.ok ? empty(204) : refusal(written);
      }),
    ),
  });
}

async function getContainer(
  request: Request,
  response: Response,
  found: Container,
  { door }: HttpServices,
): Promise<Reply> {
  const items = await door.read(found.room, listItems);
  const collection = {
    iri: found.iri,
    label: found.layer.kind === 'private' ? 'Private annotations' : 'Annotations',
    total: items.length,
    modified: items.length > 0 ? items.reduce((latest, item) => Math.max(latest, changedAt(item)), 0) : null,
  };
  const { iris, page } = request.query;
  const preference = readPreference(request.get('prefer'), iris);
  const { contents } = preference;
  const written = async (index: number) => {
    const part = items.slice(index * itemsAPage, (index + 1) * itemsAPage);
    const annotations = await found.write(part);
    return contents === 'iris' ? annotations.map(({ id }) => id ?? null) : annotations;
  };

  if (page !== undefined) {
    const index = Number(page);
    if (!hasPage(collection, index)) return notFound();
    const body = pageJson(collection, contents, index, await written(index));
    return representation(request, body, { Link: annotationHeaders.Link, Allow: 'GET, HEAD, OPTIONS' });
  }
  if (preference.applied) response.setHeader('Preference-Applied', 'return=representation');
  const first = preference.embeds ? await written(0) : [];
  const body = containerJson(collection, preference, iris === undefined ? 'container' : 'view', first);
  return representation(request, body, containerHeaders);
}

const iriOf = ({ id }: JsonObject): string => (typeof id === 'string' ? id : '');

/** With an entity tag of these very bytes, so that it differs by `Accept` and `Prefer` as they do. */
function representation(
  request: Request,
  written: JsonObject,
  headers: Readonly<Record<string, string>>,
): Reply {
  const type = request.accepts(['application/ld+json', 'application/json']);
  if (type === false) return problem(406, 'not-acceptable', 'Annotations come as application/ld+json.');
  const body = JSON.stringify(written);
  const all = {
    ...headers,
    ETag: tagOf(body),
    'Cache-Control': 'private, no-cache',
    'Content-Location': iriOf(written),
  };
  if (notModified(request, all.ETag)) return empty(304, all);
  const contentType = type === 'application/json' ? 'application/json; charset=utf-8' : profile;
  return { status: 200, headers: { ...all, 'Content-Type': contentType }, body };
}

function readAnnotation(request: Request): Lookup<JsonObject> {
  const faults = findFaults(request.body);
  return faults.length > 0 ? no(badInput(faults)) : ok(request.body as JsonObject);
}

/** The name that the script wishes, where it can be one. */
function slugOf(request: Request): string | null {
  const header = request.get('slug');
  if (header === undefined) return null;
  try {
    const wish = decodeURIComponent(header.trim());
    return AnnotationNames.isUsable(wish) ? wish : null;
  } catch {
    return null; // not percent-encoded: no name
  }
}

/** Why the room did not take it, in HTTP's terms. */
function refusal({ code, message }: Extract<UpdateAnswer, { ok: false }>): Reply {
  switch (code) {
    case 'author':
    case 'owner':
    case 'role':
    case 'removal':
    case 'client':
      return problem(403, code, message);
    case 'fixed':
      return problem(409, code, message);
    case 'shape':
    case 'type':
    case 'path':
    case 'reference':
    case 'limit':
    case 'malformed':
      return problem(400, code, message, { errors: [{ path: '', message }] });
    case 'no-room':
      return notFound();
    case 'no-session':
      return problem(401, code, message);
    case 'behind':
    case 'busy':
      return problem(503, code, message, {}, { 'Retry-After': '1' });
    case 'integrity':
      return problem(500, code, message);
  }
}
