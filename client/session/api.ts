/**
 * The HTTP interface as the page uses it: typed, and without throws. What the server refuses, and a server that is
 * not there, are values. Answers that a reading needs are remembered on this device, for when nothing answers.
 */

import type { Result } from '#core/result.js';
import type { Role } from '#core/roles.js';

/** RFC 9457. `status` 0: no answer came. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  /** A short name of the fault, such as `name-taken`. */
  code?: string;
  errors?: { path: string; message: string }[];
  /** With 409 for a name that is taken: one that is free. */
  proposal?: string;
}
export type Answer<T> = Result<T, Problem>;

export interface User {
  id: string;
  name: string;
}
export interface Me {
  user: User;
  groups: { id: string; name: string; role: Role }[];
}
export interface Joined {
  user: User;
  group: { id: string; name: string; role: Role };
}
export interface Invitation {
  group: { name: string };
  /** Titles. */
  documents: string[];
  readers: number;
}
export interface DocumentSummary {
  id: string;
  iri: string;
  title: string;
  author: string | null;
  language: string;
  /** UTF-16 code units. */
  length: number;
  groupId: string;
  layers: { id: string; kind: 'shared' | 'private' | 'section'; name: string }[];
  /** ISO 8601, UTC. */
  created: string;
}
export interface DocumentDetail extends DocumentSummary {
  group: { id: string; name: string };
}
export interface Link {
  url: string;
  /** ISO 8601, UTC. */
  expires: string;
  /** The link as a QR code: an SVG document. */
  qr?: string;
}

export const me = (): Promise<Answer<Me>> => remembering('/api/me');
export const documents = (
  next?: string,
): Promise<Answer<{ items: DocumentSummary[]; next: string | null }>> =>
  next ? send('GET', `/api/documents?cursor=${encodeURIComponent(next)}`) : remembering('/api/documents');
export const document = (id: string): Promise<Answer<DocumentDetail>> =>
  remembering(`/api/documents/${encodeURIComponent(id)}`);
/** Uses nothing up. 404 for a code that is unknown, revoked, full or expired. */
export const invitation = (code: string): Promise<Answer<Invitation>> =>
  send('GET', `/api/join/${encodeURIComponent(code)}`);
export const join = (code: string, name: string): Promise<Answer<Joined>> =>
  asSomebody('POST', `/api/join/${encodeURIComponent(code)}`, { name });
/** By a link of `link()`, or the one that the host printed. Uses it up; 404 like an invitation. */
export const signIn = (code: string): Promise<Answer<{ user: User }>> =>
  asSomebody('POST', `/api/link/${encodeURIComponent(code)}`);
/** A link that signs me in on another device, once, for 10 minutes. */
export const link = (): Promise<Answer<Link>> => send('POST', '/api/me/links', {});
export const leave = (): Promise<Answer<null>> => asSomebody('DELETE', '/api/session');

/** What changes who I am: what is remembered is another person's then. */
async function asSomebody<T>(...request: [method: string, path: string, body?: unknown]): Promise<Answer<T>> {
  const answer = await send<T>(...request);
  if (answer.ok) forget();
  return answer;
}

export async function send<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  try {
    const response = await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return { ok: true, value: (text === '' ? null : JSON.parse(text)) as T };
    return { ok: false, error: problem(response.status, text) };
  } catch {
    // No connection, or an answer that is not the server's: some proxy's page.
    return { ok: false, error: { type: 'about:blank', title: 'No answer from the server', status: 0 } };
  }
}

function problem(status: number, text: string): Problem {
  const blank = { type: 'about:blank', title: `The server answered ${status}`, status };
  try {
    return { ...blank, ...(JSON.parse(text) as Partial<Problem>), status };
  } catch {
    return blank;
  }
}

/** Before the path, which begins with a slash: no other thing that this page keeps has such a key. */
const remembered = 'marginalia:';

/** A GET whose last answer serves when the server cannot be reached or cannot answer. */
async function remembering<T>(path: string): Promise<Answer<T>> {
  const answer = await send<T>('GET', path);
  const key = remembered + path;
  try {
    if (answer.ok) localStorage.setItem(key, JSON.stringify(answer.value));
    else if (answer.error.status === 0 || answer.error.status >= 500) {
      const kept = localStorage.getItem(key);
      if (kept !== null) return { ok: true, value: JSON.parse(kept) as T };
    } else if (answer.error.status === 401) forget();
    else localStorage.removeItem(key);
  } catch {
    // No storage, or it is full: there is just nothing to fall back on.
  }
  return answer;
}

/** Somebody else may use this browser next. */
function forget(): void {
  try {
    for (const key of Object.keys(localStorage))
      if (key.startsWith(`${remembered}/`)) localStorage.removeItem(key);
  } catch {
    // No storage: nothing is remembered.
  }
}
