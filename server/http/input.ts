/** What comes in: JSON bodies, parts of the address, cursors. */

import express, { type Request, type RequestHandler } from 'express';
import * as z from 'zod';
import { ok, type Result } from '#core/result.js';
import { UUID } from '#core/rooms.js';
import { badInput, problem, send, type Reply } from './reply.js';

/** Bytes of a JSON body. */
const largestBody = 1024 * 1024;
const jsonTypes = ['application/json', 'application/ld+json'];

const hasBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** Reads JSON. A form of another page could send other types without asking us first, so they are refused. */
export function readJson(): RequestHandler[] {
  return [
    (request, response, next) => {
      if (!hasBody(request) || request.is(jsonTypes) !== false) return next();
      send(response, problem(415, 'no-json', 'Send application/json.', {}, { Accept: jsonTypes.join(', ') }));
    },
    express.json({ type: jsonTypes, limit: largestBody, strict: false }),
  ];
}

/** The body, checked; or the reply that says what is wrong with it. */
export function readBody<T>(request: Request, schema: z.ZodType<T>): Result<T, Reply> {
  const { success, data, error } = schema.safeParse(request.body ?? {});
  if (success) return ok(data);
  const errors = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return { ok: false, error: badInput(errors) };
}

/** One line of text that PostgreSQL can store. Unicode code points. */
export const line = (longest: number): z.ZodType<string> =>
  z
    .string()
    .transform((text) => text.trim().normalize('NFC'))
    .refine((text) => text !== '', { message: 'is needed' })
    .refine((text) => [...text].length <= longest, { message: `has at most ${longest} characters` })
    .refine((text) => !/[\p{Cc}\p{Cs}]/u.test(text), { message: 'has no control characters' });

/** A part of the address; empty where there is none. */
export const param = (request: Request, name: string): string => {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
};

/** A part of the address that is an id; null for anything else. */
export const idParam = (request: Request, name: string): string | null => {
  const value = param(request, name).toLowerCase();
  return UUID.test(value) ? value : null;
};

/** The code of an invitation or a link by its form; null for what can be none. */
export const codeParam = (request: Request): string | null => {
  const value = param(request, 'code');
  return /^[\w-]{16,64}$/.test(value) ? value : null;
};

export interface Page {
  readonly after: string | null;
  readonly limit: number;
}

const defaultLimit = 50;
const largestLimit = 200;

/** `cursor` and `limit` of a list. */
export function readPage(request: Request): Result<Page, Reply> {
  const { cursor, limit } = request.query;
  const size = limit === undefined ? defaultLimit : Number(limit);
  if (!Number.isInteger(size) || size < 1 || size > largestLimit)
    return {
      ok: false,
      error: badInput([{ path: 'limit', message: `must be a number from 1 to ${largestLimit}` }]),
    };
  if (cursor === undefined) return ok({ after: null, limit: size });
  const after = typeof cursor === 'string' ? Buffer.from(cursor, 'base64url').toString() : '';
  if (!UUID.test(after))
    return { ok: false, error: badInput([{ path: 'cursor', message: 'must be one that a list gave' }]) };
  return ok({ after, limit: size });
}

/** A list as it is sent: `found` holds one more than the page when the list goes on. */
export function pageOf<T extends { readonly id: string }, U>(
  found: readonly T[],
  { limit }: Page,
  view: (item: T) => U,
): { items: U[]; next: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const next = found.length > limit && last ? Buffer.from(last.id).toString('base64url') : null;
  return { items: items.map(view), next };
}
