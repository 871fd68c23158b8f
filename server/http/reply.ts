/**
 * What a request is answered with, as a value: a handler returns it, and only here is it written to the connection.
 * Errors are problem details (RFC 9457).
 */

import type { Request, RequestHandler, Response, Router } from 'express';

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as JSON unless it is text or bytes, whose type the headers say. */
  readonly body?: unknown;
}

/** One fault of the input. */
export interface InputError {
  /** Keys and indices with dots between them, such as `body.0.value`; empty: the whole. */
  readonly path: string;
  readonly message: string;
}

export const json = (status: number, body: unknown, headers?: Reply['headers']): Reply => ({
  status,
  headers,
  body,
});
export const empty = (status: number, headers?: Reply['headers']): Reply => ({ status, headers });

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/**
 * A problem. `code` is a word that programs switch on; `detail` one sentence for people; `more` goes beside them.
 */
export const problem = (
  status: number,
  code: string,
  detail: string,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Reply => ({
  status,
  headers: { 'Content-Type': 'application/problem+json; charset=utf-8', ...headers },
  body: JSON.stringify({
    type: 'about:blank',
    title: titles[status] ?? 'Error',
    status,
    code,
    detail,
    ...more,
  }),
});

export const badInput = (errors: readonly InputError[]): Reply =>
  problem(400, 'bad-input', 'The request is not as it should be.', { errors });
export const notFound = (): Reply =>
  problem(404, 'not-found', 'There is nothing here, or nothing that you may see.');
export const forbidden = (detail: string): Reply => problem(403, 'forbidden', detail);
export const notSignedIn = (): Reply =>
  problem(
    401,
    'no-session',
    'Sign in first: open an invitation, or send a token.',
    {},
    { 'WWW-Authenticate': 'Bearer' },
  );

export function send(response: Response, { status, headers = {}, body }: Reply): void {
  response.status(status);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (body === undefined) response.end();
  else if (body instanceof Uint8Array)
    response.send(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  // As bytes, so that Express leaves the type as it is: JSON-LD has no charset.
  else if (typeof body === 'string') response.send(Buffer.from(body));
  else response.type('application/json').send(JSON.stringify(body));
}

export type Handler = (request: Request, response: Response) => Reply | Promise<Reply>;

export const answer =
  (handler: Handler): RequestHandler =>
  async (request, response) => {
    const reply = await handler(request, response);
    if (!response.headersSent) send(response, reply);
  };

const methods = ['get', 'post', 'put', 'patch', 'delete', 'options'] as const;
type Methods = Partial<Record<(typeof methods)[number], Handler>>;

/** One resource with the methods that it has; another method is answered by 405 with `Allow`. */
export function resource(router: Router, path: string, handlers: Methods): void {
  const route = router.route(path);
  const allow = allowed(handlers);
  for (const method of methods) {
    const handler = handlers[method];
    if (handler) route[method](answer(handler));
  }
  if (!handlers.options) route.options(answer(() => empty(204, { Allow: allow })));
  route.all(answer(() => problem(405, 'no-such-method', `Here one can ${allow}.`, {}, { Allow: allow })));
}

function allowed(handlers: Methods): string {
  const names = methods
    .filter((method) => handlers[method] !== undefined)
    .map((method) => method.toUpperCase());
  const all = new Set([...names, ...(handlers.get ? ['HEAD'] : []), 'OPTIONS']);
  return [...all].sort().join(', ');
}
