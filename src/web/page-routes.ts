/** The page, and the data about the run that it and programs read. */

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import type { ResultsReader } from '../report/reader.ts';
import type { RunState, RunStateReader } from '../run/state.ts';
import type { Events } from './events.ts';
import { commonHeaders, inertPolicy, pagePolicy } from './headers.ts';
import { metricsText } from './metrics/metrics.ts';
import { sendMessage } from './replies.ts';

type PageRoutesOptions = Readonly<{
  state: RunStateReader;
  results: ResultsReader;
  events: Events;
  onStop(): Promise<boolean>;
  onExtend(): Promise<boolean>;
  pageHtml: string;
}>;

export function pageRoutes(
  server: FastifyInstance,
  { state, results, events, onExtend, onStop, pageHtml }: PageRoutesOptions,
): void {
  const policy = pagePolicy(pageHtml);
  const zipped = promisify(gzip)(pageHtml);

  server.get('/', async (request, reply) => {
    reply.header('content-security-policy', policy).header('vary', 'accept-encoding');
    reply.type('text/html; charset=utf-8');
    if (!/\bgzip\b/.test(String(request.headers['accept-encoding']))) return pageHtml;
    return reply.header('content-encoding', 'gzip').send(await zipped);
  });

  server.get('/api/run', async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(state.current())),
  );

  server.get('/api/summary', async (request, reply) => {
    const json = events.summaryJson();
    if (json !== undefined) return reply.type('application/json').send(json);
    const detail = 'Nothing has been measured yet.';
    return sendMessage(request, reply, { status: 404, title: 'Not yet', detail });
  });

  server.get('/api/events', { exposeHeadRoute: false }, async (request, reply) => {
    if (events.isFull()) {
      const detail = 'Too many viewers are connected. Reload in a while.';
      reply.header('retry-after', '30');
      return sendMessage(request, reply, { status: 503, title: 'Full', detail });
    }
    reply.hijack();
    reply.raw.writeHead(200, {
      ...commonHeaders,
      'content-security-policy': inertPolicy,
      'content-type': 'text/event-stream; charset=utf-8',
    });
    events.attach(reply.raw);
    return reply;
  });

  server.get('/metrics', async (_request, reply) =>
    reply
      .type('text/plain; version=0.0.4; charset=utf-8')
      .send(metricsText(state.current(), results.summary())),
  );

  server.post('/api/stop', { handlerTimeout: 10_000 }, async (request, reply) => {
    if (!(await onStop())) {
      const detail = nothingToEnd(state.current());
      return sendMessage(request, reply, { status: 409, title: 'No load', detail });
    }
    return reply.code(202).type('application/json').send('{"stopping":true}');
  });

  server.post('/api/extend', { handlerTimeout: 10_000 }, async (request, reply) => {
    if (!(await onExtend())) {
      const detail = 'The power-off cannot be postponed any further, or has already begun.';
      return sendMessage(request, reply, { status: 409, title: 'Too late', detail });
    }
    const { endsAt: lifetimeEndsAt, powerOff } = state.current().lifetime ?? {};
    return reply.type('application/json').send(JSON.stringify({ lifetimeEndsAt, powerOff }));
  });
}

function nothingToEnd({ engine }: Pick<RunState, 'engine'>): string {
  return engine?.startedAt === undefined
    ? 'There is no load to end: none was started, and none will be.'
    : 'The load has ended already.';
}
