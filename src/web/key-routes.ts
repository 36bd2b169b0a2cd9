/** Asks for the key, once, and lets nobody by who has not given it. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { cookieName, type Gate, type Judgement } from './access.ts';
import { isForPrograms, sendPage, sendWords } from './answers.ts';
import { keyPage, waitingPage } from './pages.ts';

/** Routes that look after themselves. */
const unguarded: readonly (string | undefined)[] = ['/healthz', '/key', '/sandbox/:pass/*'];

/** The hook that every request goes through. */
export function guard(
  gate: Gate,
): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined> {
  return async (request, reply) => {
    if (request.method === 'POST' && !isSameOrigin(request)) {
      const detail = 'This can only be asked for by the page itself, or by a tool.';
      return sendWords(request, reply, { status: 403, title: 'Forbidden', detail });
    }
    if (unguarded.includes(request.routeOptions.url)) return undefined;
    const judgement = gate.judge(request);
    return judgement === 'open' ? undefined : refuse(request, reply, judgement);
  };
}

export function keyRoutes(server: FastifyInstance, gate: Gate): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, body.toString()),
  );
  // Nothing else is read, but tools send a type, and even a body, with requests that need none.
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => done(null));
  server.get('/healthz', async () => 'ok\n');
  server.get('/key', async (_request, reply) => reply.redirect('/', 303));
  server.post('/key', async (request, reply) => {
    const form = typeof request.body === 'string' ? request.body : '';
    const key = new URLSearchParams(form).get('key') ?? '';
    const judgement = gate.judgeKey(request, key.trim());
    if (judgement !== 'open') return refuse(request, reply, judgement);
    return reply
      .header('set-cookie', `${cookieName}=${gate.cookie()}; HttpOnly; SameSite=Strict; Path=/`)
      .redirect('/', 303);
  });
}

/** What who may not see the page is told. It is the same whether there is a run or not. */
export function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  judgement: Exclude<Judgement, 'open'>,
): FastifyReply {
  const isForProgram = isForPrograms(request);
  switch (judgement) {
    case 'early': {
      reply.header('retry-after', '2');
      if (!isForProgram) return sendPage(reply, 503, waitingPage);
      const detail = 'Waiting for the instance metadata service.';
      return sendWords(request, reply, { status: 503, title: 'Waiting', detail });
    }
    case 'limited': {
      reply.header('retry-after', '60');
      const detail = 'Too many wrong keys came from this address. Try again in a minute.';
      return sendWords(request, reply, { status: 429, title: 'Too many wrong keys', detail });
    }
    case 'missing':
    case 'wrong': {
      const note = judgement === 'wrong' ? 'That is not the key.' : '';
      // A cookie of another instance that had this address would be wrong again and again.
      if (judgement === 'wrong') reply.header('set-cookie', `${cookieName}=; Max-Age=0; Path=/`);
      if (!isForProgram) return sendPage(reply, 401, keyPage({ note }));
      reply.header('www-authenticate', 'Bearer realm="onager"');
      const detail = 'Send the key as a bearer token, or as the password of any user.';
      return sendWords(request, reply, { status: 401, title: 'Key, please', detail });
    }
    default:
      return judgement satisfies never;
  }
}

/** Browsers say where a request comes from; tools do not, and bring no cookies of others. */
function isSameOrigin({ headers }: FastifyRequest): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || URL.parse(origin)?.host === host;
}
