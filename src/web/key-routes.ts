/** Asks for the key, once, and refuses every request without it. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Auth, type AuthResult, cookieName } from './auth.ts';
import { keyPage, waitingPage } from './pages.ts';
import { isForPrograms, sendMessage, sendPage } from './replies.ts';

/** Routes with checks of their own. */
const unguarded: readonly (string | undefined)[] = ['/healthz', '/key', '/sandbox/:pass/*'];

const notes = {
  missing: '',
  wrong: 'That key is wrong.',
  limited: 'That key is wrong. Too many wrong keys came from this address in the last minute.',
} as const;

/** The hook that every request goes through. */
export function guard(
  auth: Auth,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  return async (request, reply) => {
    if (request.method === 'POST' && !isSameOrigin(request)) {
      const detail = 'Only the page itself, or a tool, may request this.';
      return sendMessage(request, reply, { status: 403, title: 'Forbidden', detail });
    }
    if (unguarded.includes(request.routeOptions.url)) return undefined;
    const result = auth.authenticate(request);
    return result === 'open' ? undefined : refuse(request, reply, result);
  };
}

export function keyRoutes(server: FastifyInstance, auth: Auth): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body.toString()),
  );
  // No other body is read, but tools send a type, and even a body, with requests that need neither.
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
  server.get('/healthz', async () => 'ok\n');
  server.get('/key', async (_request, reply) => reply.redirect('/', 303));
  server.post('/key', async (request, reply) => {
    const form = typeof request.body === 'string' ? request.body : '';
    const key = new URLSearchParams(form).get('key') ?? '';
    const result = auth.authenticateKey(request, key.trim());
    if (result !== 'open') return refuse(request, reply, result);
    return reply
      .header('set-cookie', `${cookieName}=${auth.cookie()}; HttpOnly; SameSite=Strict; Path=/`)
      .redirect('/', 303);
  });
}

/** The reply to a visitor who may not see the page; the same whether there is a run or not. */
export function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  result: Exclude<AuthResult, 'open'>,
): FastifyReply {
  const isForProgram = isForPrograms(request);
  switch (result) {
    case 'early': {
      reply.header('retry-after', '2');
      if (!isForProgram) return sendPage(reply, 503, waitingPage);
      const detail = 'Waiting for the instance metadata service.';
      return sendMessage(request, reply, { status: 503, title: 'Waiting', detail });
    }
    case 'missing':
    case 'wrong':
    case 'limited':
      return askForKey(request, reply, result);
    default:
      return result satisfies never;
  }
}

/** Also after too many wrong keys: the right one is accepted at any time. */
function askForKey(
  request: FastifyRequest,
  reply: FastifyReply,
  result: 'missing' | 'wrong' | 'limited',
): FastifyReply {
  const isLimited = result === 'limited';
  // Removes the cookie of another instance that had this address, which would be wrong again and
  // again. Requests caused by other sites bring no cookie, so they cannot remove a good one.
  const hasCookie = request.headers.cookie?.includes(`${cookieName}=`) === true;
  if (hasCookie) reply.header('set-cookie', `${cookieName}=; Max-Age=0; Path=/`);
  // Each further guess costs a connection.
  if (isLimited) reply.header('retry-after', '60').header('connection', 'close');
  const status = isLimited ? 429 : 401;
  if (!isForPrograms(request)) return sendPage(reply, status, keyPage({ note: notes[result] }));
  reply.header('www-authenticate', 'Bearer realm="onager"');
  const detail = 'Send the key as a bearer token, or as the password of any user.';
  if (!isLimited) return sendMessage(request, reply, { status, title: 'Key required', detail });
  return sendMessage(request, reply, {
    status,
    title: 'Too many wrong keys',
    detail: notes.limited,
  });
}

/**
 * Browsers say where a request comes from; tools do not, and have no cookies that others could
 * abuse.
 */
function isSameOrigin({ headers }: FastifyRequest): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || URL.parse(origin)?.host === host;
}
