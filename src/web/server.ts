/**
 * The HTTP server: shows the run to those who have the key. All it can change is to stop the load
 * and to postpone the power-off.
 */

import fastify, { type FastifyInstance } from 'fastify';
import type { Log } from '../log.ts';
import type { ResultsReader } from '../report/reader.ts';
import type { RunStateReader } from '../run/state.ts';
import { createAuth, type PageAccess } from './auth.ts';
import { type ConnectionLimits, limitConnections } from './connections/connections.ts';
import { openFilesLimit } from './connections/open-files.ts';
import { boundPipelining, pipeliningOptions } from './connections/pipelining.ts';
import { createEvents, type EventsOptions } from './events.ts';
import { fileRoutes } from './files/file-routes.ts';
import type { PublishedFiles } from './files/published-files.ts';
import { commonHeaders, inertPolicy } from './headers.ts';
import { guard, keyRoutes } from './key-routes.ts';
import { pageRoutes } from './page-routes.ts';
import { type Message, sendMessage } from './replies.ts';

export type ServerOptions = Readonly<{
  state: RunStateReader;
  results: ResultsReader;
  files: PublishedFiles;
  /** Undefined while it is not known who may see the page: then no one may. */
  access(): PageAccess | undefined;
  /** Ends the load now; may be called again. False: there is none any more, or never was. */
  onStop(): Promise<boolean>;
  /**
   * Postpones the machine's power-off by half an hour; false: it cannot be postponed any further.
   */
  onExtend(): Promise<boolean>;
  /** The page, with its scripts and styles in it. */
  pageHtml: string;
  log: Log;
  onagerVersion: string;
  /** For tests. */
  timeouts?: Partial<ServerTimeouts>;
  connections?: Partial<ConnectionLimits>;
  events?: Pick<EventsOptions, 'maxViewers' | 'maxWaitingBytes' | 'gatherMs' | 'heartbeatMs'>;
}>;

type ServerTimeouts = Readonly<{
  headersMs: number;
  requestMs: number;
  idleMs: number;
  checkMs: number;
}>;

export function buildServer(options: ServerOptions): FastifyInstance {
  const { state, results, files, access, log, onagerVersion } = options;
  const { headersMs, requestMs, idleMs, checkMs } = {
    headersMs: 5_000,
    requestMs: 10_000,
    idleMs: 30_000,
    checkMs: 1_000,
    ...options.timeouts,
  };
  const headers = {
    ...commonHeaders,
    'content-security-policy': inertPolicy,
    server: `onager/${onagerVersion}`,
  };
  const server = fastify({
    requestTimeout: requestMs,
    connectionTimeout: idleMs,
    keepAliveTimeout: 5_000,
    maxRequestsPerSocket: 100,
    bodyLimit: 1_024,
    forceCloseConnections: true,
    trustProxy: false,
    http: {
      headersTimeout: headersMs,
      connectionsCheckingInterval: checkMs,
      maxHeaderSize: 8_192,
      ...pipeliningOptions,
    },
    // A URL that cannot be decoded: no hook has run.
    frameworkErrors: (_error, request, reply) => {
      sendMessage(request, reply.headers(headers), messageFor(400));
    },
  });
  boundPipelining(server.server, headersMs);
  // A quarter of the limit is left for everything else.
  const openFiles = openFilesLimit();
  const connections = limitConnections(server.server, {
    strangers: Math.min(8_192, Math.floor(openFiles / 2)),
    known: Math.min(256, Math.floor(openFiles / 4)),
    waitingBytes: 4 * 1024 ** 2,
    allWaitingBytes: 64 * 1024 ** 2,
    checkMs,
    ...options.connections,
  });
  const auth = createAuth({ access, onKey: ({ socket }) => connections.know(socket) });
  const events = createEvents({ state, results, ...options.events });
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers);
  });
  server.addHook('onRequest', guard(auth));
  server.addHook('preClose', async () => events.close());
  server.setNotFoundHandler((request, reply) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    return sendMessage(request, reply, messageFor(isRead ? 404 : 405));
  });
  server.setErrorHandler((error, request, reply) => {
    const status = statusOf(error);
    if (status === 500) log.error({ err: error, url: request.url }, 'request failed');
    return sendMessage(request, reply, messageFor(status));
  });
  keyRoutes(server, auth);
  pageRoutes(server, { ...options, events });
  fileRoutes(server, { files, auth, state });
  return server;
}

/** Fastify's own errors carry a status; everything else is a fault of Onager. */
function statusOf(error: unknown): number {
  const hasStatus = error instanceof Error && 'statusCode' in error;
  const status = hasStatus ? Number(error.statusCode) : 500;
  return status >= 400 && status < 500 ? status : 500;
}

function messageFor(status: number): Message {
  switch (status) {
    case 404:
      return { status, title: 'Not found', detail: 'There is nothing at this address.' };
    case 405:
      return { status, title: 'Not allowed', detail: 'This address does not support that method.' };
    case 413:
      return { status, title: 'Too large', detail: 'A request may carry at most 1,024 bytes.' };
    case 500:
      return {
        status,
        title: 'Internal error',
        detail: 'The agent could not answer; its log says why.',
      };
    default:
      return { status, title: 'Bad request', detail: 'The request is malformed.' };
  }
}
