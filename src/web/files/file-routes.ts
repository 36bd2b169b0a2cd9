/** The run's files: the report, the engine's own report, all others, and all of them as one zip. */

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RunStateReader } from '../../run/state.ts';
import type { Auth } from '../auth.ts';
import { refuse } from '../key-routes.ts';
import { sendMessage } from '../replies.ts';
import { inertTypes, pageTypes, sendFile, zipOf } from './files.ts';
import type { PublishedFiles } from './published-files.ts';

/** Names in the list of published files. */
const reportKey = 'report.html';
const nativePrefix = 'report/native/';

/**
 * The report contains a policy, which says what may run in it; this one adds what only a header can
 * set.
 */
const reportHeaders = { 'content-security-policy': "frame-ancestors 'none'; connect-src 'none'" };

/**
 * Pages made by the engine run in an origin of their own, load only the files beside them, and
 * cannot send anything anywhere.
 */
const sandboxHeaders = {
  'content-security-policy': [
    'sandbox allow-scripts',
    "default-src 'none'",
    "script-src 'self' 'unsafe-inline'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
  ].join('; '),
  'cross-origin-resource-policy': 'cross-origin',
  'access-control-allow-origin': '*',
};

const maxZips = 2;

type Wildcard = { Params: { '*': string } };

export function fileRoutes(
  server: FastifyInstance,
  { files, auth, state }: Readonly<{ files: PublishedFiles; auth: Auth; state: RunStateReader }>,
): void {
  server.get('/report.html', async (request, reply) => {
    const sending = { files, key: reportKey, types: pageTypes, headers: reportHeaders };
    if (await sendFile(request, reply, sending)) return reply;
    return notThere(
      request,
      reply,
      'There is no report yet: it is written when the run has ended.',
    );
  });

  server.get<Wildcard>('/engine/*', async (request, reply) => {
    const name = request.params['*'] || state.current().nativeReport;
    if (name !== undefined) return reply.redirect(`/sandbox/${auth.pass()}/${urlPath(name)}`, 303);
    return notThere(request, reply, 'The engine has not written its own report yet.');
  });

  // A sandboxed page loads its files without cookies, so a part of the path replaces the key; it
  // opens nothing else.
  server.get<{ Params: { pass: string; '*': string } }>(
    '/sandbox/:pass/*',
    async (request, reply) => {
      const result = auth.authenticatePass(request, request.params.pass);
      if (result !== 'open') return refuse(request, reply, result);
      const key = `${nativePrefix}${request.params['*']}`;
      const sending = { files, key, types: pageTypes, headers: sandboxHeaders };
      if (await sendFile(request, reply, sending)) return reply;
      return notThere(request, reply, "The engine's report has no such file.");
    },
  );

  server.get('/files', async (_request, reply) => {
    const list = (await files.list()).map(({ key, bytes }) => ({
      key,
      bytes,
      href: `/files/${urlPath(key)}`,
    }));
    return reply.type('application/json').send(JSON.stringify(list));
  });

  server.get<Wildcard>('/files/*', async (request, reply) => {
    const sending = { files, key: request.params['*'], types: inertTypes };
    if (await sendFile(request, reply, sending)) return reply;
    return notThere(request, reply, 'There is no such file.');
  });

  let zips = 0;
  server.get('/files.zip', { exposeHeadRoute: false }, async (request, reply) => {
    if (zips >= maxZips) {
      const detail = 'Two zips are being made already. Try again in a while.';
      reply.header('retry-after', '30');
      return sendMessage(request, reply, { status: 503, title: 'Busy', detail });
    }
    // Before anything is waited for, or many could be let in at once.
    zips += 1;
    const giveBack = (): void => {
      zips -= 1;
    };
    const list = await files.list().catch((error: unknown) => {
      giveBack();
      throw error;
    });
    const { runId, phase } = state.current();
    // Compressing takes CPU, which belongs to the engine while it runs.
    const zip = zipOf(list, phase === 'running' ? 0 : 1);
    zip.on('close', giveBack);
    const name = `${runId.replaceAll(/[^\w.-]/g, '_')}.zip`;
    reply.type('application/zip').header('content-disposition', `attachment; filename="${name}"`);
    return reply.send(zip);
  });
}

function urlPath(key: string): string {
  return key.split('/').map(encodeURIComponent).join('/');
}

function notThere(request: FastifyRequest, reply: FastifyReply, detail: string): FastifyReply {
  return sendMessage(request, reply, { status: 404, title: 'Not found', detail });
}
